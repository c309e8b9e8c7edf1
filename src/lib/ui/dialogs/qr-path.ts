import QRCode from 'qrcode';

/** A QR code as one SVG path in a square of `size` units, with the quiet zone of four modules that the standard asks for. */
export interface QrPath {
	readonly size: number;
	readonly path: string;
}

const quietZoneModules = 4;

/** Encodes any text up to about 2 300 bytes (level M, which survives a cracked screen); throws beyond that. */
export function qrPath(text: string): QrPath {
	const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
	let path = '';
	for (let y = 0; y < modules.size; y += 1) {
		for (let x = 0; x < modules.size; x += 1) {
			if (!modules.get(y, x)) continue;
			let width = 1;
			while (x + width < modules.size && modules.get(y, x + width)) width += 1;
			path += `M${x + quietZoneModules} ${y + quietZoneModules}h${width}v1h-${width}z`;
			x += width - 1;
		}
	}
	return { size: modules.size + 2 * quietZoneModules, path };
}
