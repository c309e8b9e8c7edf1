import { foreverMs, type MarkRow } from '../../src/lib/identity/marks';

/** A list that has been put in order: something pinned, muted, archived, marked as unread, two stars, and what disappears. */
export function previewMarks(nowMs: number): readonly MarkRow[] {
	const row = (kind: MarkRow['kind'], conversation: string, value: number, message = ''): MarkRow => ({
		kind,
		conversation,
		message,
		value,
		setAtMs: nowMs
	});
	return [
		row('pinned', 'conv-garden', nowMs),
		row('muted', 'conv-garden', foreverMs),
		row('muted', 'conv-island', nowMs + 7 * 60 * 60_000),
		row('unread', 'conv-family', nowMs * 1024),
		row('starred', 'conv-island', nowMs * 1024, 'conv-island-0000003'),
		row('starred', 'conv-island', nowMs * 1024, 'conv-island-0000005'),
		row('vanishing', 'conv-acts', 28 * 24 * 60 * 60),
		row('archived', 'conv-left', nowMs * 1024)
	];
}
