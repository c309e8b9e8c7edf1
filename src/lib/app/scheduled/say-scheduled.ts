import type { ScheduledRow } from '$lib/identity/scheduled';
import { utf8Length } from '$lib/protocol/bytes';
import { fail, ok, type Result } from '$lib/protocol/result';
import { textLimitBytes } from '$lib/protocol/text-limits';
import type { Problem } from '../contract';
import type { Engine } from '../engine/engine';
import { idBytes, idSet } from '../id-bytes';
import { problemOfFailure } from '../talk.svelte';

/** Says a message whose time has come. Resolves when it is saved on this device. */
export async function sayScheduled(engine: Engine, row: ScheduledRow): Promise<Result<void, Problem>> {
	const mentions = idSet(row.mentions);
	if (!mentions.ok) return mentions;
	const thread = row.thread === undefined ? ok(undefined) : idBytes(row.thread);
	if (!thread.ok) return thread;
	if (utf8Length(row.text) > textLimitBytes) return fail({ code: 'text-too-long' });
	const { conversation } = await engine.open(row.conversation);
	try {
		if (!engine.intentsOn(conversation).mayPost()) return fail({ code: 'may-not-post' });
		const written = await conversation.write({
			type: 'message',
			text: row.text,
			...(thread.value && { thread: thread.value }),
			...(mentions.value.length > 0 && { mentions: mentions.value }),
			...(row.mentionsEveryone && { everyone: true })
		});
		return written.ok ? ok(undefined) : fail(problemOfFailure(written.reason));
	} finally {
		engine.release(row.conversation);
	}
}
