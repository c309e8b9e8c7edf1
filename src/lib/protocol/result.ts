/** Expected failures are values: a caller has to look at `ok` before it gets at the value. Bugs are exceptions. */
export type Result<T, R = string> =
	{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: R };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const fail = <R>(reason: R): { readonly ok: false; readonly reason: R } => ({ ok: false, reason });
