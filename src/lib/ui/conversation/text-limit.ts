/** Longest message in bytes of UTF-8 (protocol: one record fits one entry). */
export const textLimitBytes = 16 * 1024;
/** From here on the composer says how much is left. */
export const textWarnBytes = 14 * 1024;

/**
 * How full a text is: `null` far from the limit, else the bytes left (negative: over) and, as nobody counts in
 * bytes, the same in characters as long as this text's own characters are. `maxBytesPerUnit` is UTF-8's 3 per UTF-16
 * unit, which spares short texts the encoding.
 */
export function textRoom(
	text: string,
	encoder: TextEncoder
): { readonly bytes: number; readonly characters: number } | null {
	const maxBytesPerUnit = 3;
	if (text.length * maxBytesPerUnit < textWarnBytes) return null;
	const used = encoder.encode(text).length;
	if (used < textWarnBytes) return null;
	const bytes = textLimitBytes - used;
	const bytesPerCharacter = used / text.length;
	return { bytes, characters: Math.max(1, Math.ceil(Math.abs(bytes) / bytesPerCharacter)) };
}
