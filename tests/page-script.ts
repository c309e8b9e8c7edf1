/** Bundles a script of the tests or benchmarks for a page. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

/**
 * @param url of the script: new URL('./some-page.ts', import.meta.url)
 * @throws what the bundler says of it
 */
export async function pageScript(url: URL): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: [fileURLToPath(url)],
		bundle: true,
		write: false,
		format: 'iife',
		target: 'es2022',
		minify: true,
		conditions: ['browser', 'module', 'import'],
		logLevel: 'error'
	});
	const script = outputFiles[0];
	if (script === undefined) throw new Error(`nothing came of ${url.href}`);
	return script.text;
}
