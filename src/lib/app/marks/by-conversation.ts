/** Rows gathered by their conversation, in their order. */
export function byConversation<T extends { readonly conversation: string }>(
	all: readonly T[]
): ReadonlyMap<string, readonly T[]> {
	const found = new Map<string, T[]>();
	for (const each of all) {
		const known = found.get(each.conversation);
		if (known === undefined) found.set(each.conversation, [each]);
		else known.push(each);
	}
	return found;
}
