/** Tells apart people of a group whose names a reader would take for one. */
import { skeletonOf } from '$lib/identity/name-skeleton';
import { fromBase64url } from '$lib/protocol/base64url';
import { toHex } from '$lib/protocol/bytes';

const shortest = 4;

/**
 * @param people of one conversation, with the names that are shown. A name of nothing is the name of nobody
 * @returns by account, for those alone who are not the only one of their name: the beginning of the account's fingerprint
 *   in hexadecimal digits, four or as many more as it takes for no two namesakes to have the same one
 */
export function nameTags(
	people: readonly { readonly account: string; readonly name: string }[]
): ReadonlyMap<string, string> {
	const namesakes = new Map<string, string[]>();
	for (const { account, name } of people) {
		const skeleton = skeletonOf(name);
		namesakes.set(skeleton, [...(namesakes.get(skeleton) ?? []), account]);
	}
	const tags = new Map<string, string>();
	for (const [skeleton, group] of namesakes) {
		const prints = [...new Set(group)].map((account) => [account, printOf(account)] as const);
		if (skeleton === '' || prints.length < 2) continue;
		let length = shortest;
		const longest = Math.max(...prints.map(([, print]) => print.length));
		while (
			length < longest &&
			new Set(prints.map(([, print]) => print.slice(0, length))).size < prints.length
		)
			length++;
		for (const [account, print] of prints) tags.set(account, print.slice(0, length));
	}
	return tags;
}

/** An account's id is the hash of its key. */
function printOf(account: string): string {
	const bytes = fromBase64url(account);
	return bytes.ok ? toHex(bytes.value) : account;
}
