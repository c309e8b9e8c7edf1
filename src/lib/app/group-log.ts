/** The moderation log in the terms of the screens. */
import type { Authority, ControlEntry, ModerationEvent } from '$lib/conversation/authority';
import type { HistoryVisibility } from '$lib/protocol/authority-records';
import { msOfHlc } from '$lib/protocol/clock';
import type { LogAct, LogLine } from './group-contract';

/** A moderation act on screen, newest first. @param nameOf by account id; '' if nobody knows */
export function logLines(
	authority: Authority,
	entries: readonly ControlEntry[],
	self: string,
	nameOf: (account: string) => string
): readonly LogLine[] {
	const genesis = entries.find(({ record }) => record.type === 'genesis');
	const isFounding = (id: string): boolean => {
		const entry = entries.find((each) => each.id === id);
		return entry?.lane === genesis?.lane && entry?.clock === (genesis?.clock ?? -2) + 1;
	};
	// The first settings found the group: nobody did anything to it.
	const all = authority.moderationLog();
	const events = all.filter(({ what, id }) => what !== 'settings' || !isFounding(id));
	const wanted = new Set(all.map(({ id }) => id));
	const recordById = new Map(
		entries.flatMap(({ id, record }) => (wanted.has(id) ? [[id, record] as const] : []))
	);
	return events.map((event): LogLine => ({
		id: event.id,
		act: narrowedBy(event, all, recordById) ?? actOf(event, recordById.get(event.id)),
		by: nameOf(event.by),
		self: event.by === self,
		whom: event.whom.map(nameOf),
		atMs: msOfHlc(event.hlc),
		verdict: event.verdict
	}));
}

const actByHistory = {
	all: 'opened-history',
	'since-join': 'closed-history',
	none: 'withheld-history'
} as const satisfies Record<HistoryVisibility, LogAct>;

/** Of settings that change what newcomers can read, that. @param all newest first */
function narrowedBy(
	event: ModerationEvent,
	all: readonly ModerationEvent[],
	recordById: ReadonlyMap<string, ControlEntry['record']>
): LogAct | null {
	const historyOf = ({ id }: ModerationEvent): HistoryVisibility | null => {
		const record = recordById.get(id);
		return record?.type === 'settings' ? record.history : null;
	};
	const now = historyOf(event);
	if (now === null) return null;
	const before = all
		.slice(all.indexOf(event) + 1)
		.find(({ what, verdict }) => what === 'settings' && verdict === 'counts');
	return now === (before === undefined ? 'all' : historyOf(before)) ? null : actByHistory[now];
}

function actOf({ what }: ModerationEvent, record: ControlEntry['record'] | undefined): LogAct {
	switch (what) {
		case 'role':
			return record?.type === 'role' && record.role === 'moderator' ? 'made-moderator' : 'unmade-moderator';
		case 'add':
			if (record?.type !== 'add' || record.way === 'direct') return 'added';
			return record.way === 'approval' ? 'approved' : 'admitted';
		case 'remove':
			return 'removed';
		case 'owner':
			return 'gave-ownership';
		case 'handover':
			return 'went-on';
		case 'invite-close':
			return 'closed-link';
		case 'device-remove':
			return 'lost-device';
		case 'settings':
			return 'changed-settings';
		case 'timer':
			return 'set-timer';
	}
}
