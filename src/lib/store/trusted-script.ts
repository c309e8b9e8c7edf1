/**
 * Trusted Types (docs/decisions/0030): where the browser enforces them, a worker starts from an address that a policy
 * has let through, and from nothing else. This policy lets through the app's own origin.
 */

/** What is used of the browser's factory; TypeScript's library does not know it. */
interface ScriptPolicyFactory {
	createPolicy(
		name: string,
		rules: { createScriptURL(address: string): string }
	): { createScriptURL(address: string): unknown };
}

/** Named in the content security policy (svelte.config.js). A page may create it once. */
const policyName = 'skein-own-script';

const policy = (globalThis as { readonly trustedTypes?: ScriptPolicyFactory }).trustedTypes?.createPolicy(
	policyName,
	{ createScriptURL: ownAddress }
);

/**
 * Gives the address of a script as something that a worker may be started from.
 * @throws if it is not one of this origin: nothing but the app's own build gives such addresses, so it is a bug
 */
export function trustedScript(address: string): URL {
	// Workers take it as it is; where there are no Trusted Types it is the address.
	return (policy?.createScriptURL(address) ?? ownAddress(address)) as URL;
}

function ownAddress(address: string): string {
	const url = new URL(address, location.href);
	if (url.origin !== location.origin) throw new TypeError(`${url.origin} gives no scripts to this app`);
	return url.href;
}
