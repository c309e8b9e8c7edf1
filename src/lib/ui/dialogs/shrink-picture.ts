/** Makes a small picture of any that the browser can show. */
import { pictureLimitBytes, pixelsOfWebp } from '$lib/app/contract';

/** Pixels of each side: enough for the largest place where it is shown, on a display of double density. */
const sidePixels = 160;
const qualities = [0.85, 0.7, 0.5, 0.3];

/**
 * The middle of a picture, square and small; whatever else the file holds (where it was taken, for one) stays behind.
 * @returns null if the browser cannot show the file, or there is no way to make it small enough
 */
export async function shrinkPicture(file: Blob): Promise<Uint8Array | null> {
	const bitmap = await createImageBitmap(file).catch(() => null);
	if (bitmap === null) return null;
	const canvas = document.createElement('canvas');
	canvas.width = canvas.height = sidePixels;
	const side = Math.min(bitmap.width, bitmap.height);
	const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
	const context = canvas.getContext('2d');
	if (context === null) return null;
	// JPEG knows no transparency, and would make it black.
	context.fillStyle = '#fff';
	context.fillRect(0, 0, sidePixels, sidePixels);
	context.imageSmoothingQuality = 'high';
	context.drawImage(bitmap, left, top, side, side, 0, 0, sidePixels, sidePixels);
	bitmap.close();
	for (const quality of qualities) {
		const blob =
			(await encoded(canvas, 'image/webp', quality)) ?? (await encoded(canvas, 'image/jpeg', quality));
		if (blob === null) continue;
		const bytes = pixelsOfWebp(new Uint8Array(await blob.arrayBuffer()));
		if (bytes.length <= pictureLimitBytes) return bytes;
	}
	return null;
}

/** Null where the browser does not write this kind, and would take another. */
async function encoded(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> {
	const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
	return blob?.type === type ? blob : null;
}
