/** The browser's own reader of codes (Barcode Detection API): Chrome on Android and macOS have it, others do not. */
export interface CodeReader {
	/** What the codes in a picture say, in no order. */
	detect(picture: CanvasImageSource): Promise<readonly { readonly rawValue: string }[]>;
}

interface CodeReaderConstructor {
	new (options: { readonly formats: readonly string[] }): CodeReader;
	getSupportedFormats(): Promise<readonly string[]>;
}

const isConstructor = (value: unknown): value is CodeReaderConstructor =>
	typeof value === 'function' && 'getSupportedFormats' in value;

/** @returns a reader of QR codes, or null where the browser has none (or has the name, and no service behind it) */
export async function qrCodeReader(scope: object): Promise<CodeReader | null> {
	const found: unknown = 'BarcodeDetector' in scope ? scope.BarcodeDetector : null;
	if (!isConstructor(found)) return null;
	const formats = await found.getSupportedFormats();
	return formats.includes('qr_code') ? new found({ formats: ['qr_code'] }) : null;
}
