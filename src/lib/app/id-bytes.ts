/** Ids as records hold them, from ids as screens do. */
import { fromBase64url } from '$lib/protocol/base64url';
import { compareBytes } from '$lib/protocol/bytes';
import { hashLength } from '$lib/protocol/crypto';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { Problem } from './contract';

/** @param id base64url, of an entry or an account. One that has no place yet is none. */
export function idBytes(id: string): Result<Uint8Array, Problem> {
	const bytes = fromBase64url(id);
	return bytes.ok && bytes.value.length === hashLength ? bytes : fail({ code: 'message-gone', detail: id });
}

/** Ascending, each once, as records want them. */
export function idSet(ids: readonly string[]): Result<readonly Uint8Array[], Problem> {
	const all: Uint8Array[] = [];
	for (const id of new Set(ids)) {
		const bytes = idBytes(id);
		if (!bytes.ok) return bytes;
		all.push(bytes.value);
	}
	return ok(all.sort(compareBytes));
}
