/** Bundles a script of the benchmarks for a page. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

/** @param path of the script, from this folder's parent */
export async function pageScript(path: string): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: [fileURLToPath(new URL(`../${path}`, import.meta.url))],
		bundle: true,
		write: false,
		format: 'iife',
		target: 'es2022',
		minify: true,
		conditions: ['browser', 'module', 'import'],
		logLevel: 'error'
	});
	const script = outputFiles[0];
	if (script === undefined) throw new Error(`nothing came of ${path}`);
	return script.text;
}
