/**
 * The start page is the shell of every address, but it preloads only what the start page itself needs: for a
 * conversation the router would ask for two more modules, one round later. They are a few bytes each, as what they
 * lead to lies in the chunk of the first paint (initial-chunk.ts), so the shell asks for them at once.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const nodesPath = '_app/immutable/nodes';
/** Larger ones bring code of their own, which is for later. */
const facadeLimitBytes = 400;

/**
 * @param {import('@sveltejs/kit').Adapter} adapter
 * @returns {import('@sveltejs/kit').Adapter}
 */
export function preloadingNodes(adapter) {
	return {
		...adapter,
		async adapt(builder) {
			await adapter.adapt(builder);
			const pagePath = join('build', 'index.html');
			const nodes = readdirSync(join('build', nodesPath))
				.map((name) => ({ name, bytes: readFileSync(join('build', nodesPath, name)).length }))
				.filter(({ bytes }) => bytes <= facadeLimitBytes);
			writeFileSync(
				pagePath,
				withPreloads(
					readFileSync(pagePath, 'utf8'),
					nodes.map(({ name }) => `/${nodesPath}/${name}`)
				)
			);
		}
	};
}

/**
 * @param {string} page
 * @param {readonly string[]} paths of modules
 * @returns {string} the page, preloading those that it did not preload yet
 * @throws if the page preloads nothing: then it is not what this was written for
 */
export function withPreloads(page, paths) {
	const preload = /[ \t]*<link href="[^"]*" rel="modulepreload">\n/;
	const first = preload.exec(page);
	if (first === null) throw new Error('the start page preloads no module');
	const at = first.index + first[0].length;
	const missing = paths.filter((path) => !page.includes(`"${path}"`));
	const links = missing.map((path) => `\t\t<link href="${path}" rel="modulepreload">\n`);
	return page.slice(0, at) + links.join('') + page.slice(at);
}
