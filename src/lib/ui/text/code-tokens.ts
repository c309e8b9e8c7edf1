/**
 * Code as coloured pieces of text. Grammars are loaded one at a time, when code in their language is first shown; what
 * comes out are pieces and kinds, never markup.
 */
import type { createLowlight, LanguageFn } from 'lowlight';

/** What a piece is, as the screens colour it. */
export type TokenKind =
	'plain' | 'keyword' | 'string' | 'number' | 'comment' | 'name' | 'type' | 'added' | 'removed';

export interface Token {
	readonly kind: TokenKind;
	readonly text: string;
}

type Tree = ReturnType<ReturnType<typeof createLowlight>['highlight']>;
type Node = Tree['children'][number];
type LoadGrammar = () => Promise<{ readonly default: LanguageFn }>;

const grammars: Readonly<Record<string, LoadGrammar>> = {
	bash: () => import('highlight.js/lib/languages/bash'),
	c: () => import('highlight.js/lib/languages/c'),
	cpp: () => import('highlight.js/lib/languages/cpp'),
	csharp: () => import('highlight.js/lib/languages/csharp'),
	css: () => import('highlight.js/lib/languages/css'),
	diff: () => import('highlight.js/lib/languages/diff'),
	go: () => import('highlight.js/lib/languages/go'),
	ini: () => import('highlight.js/lib/languages/ini'),
	java: () => import('highlight.js/lib/languages/java'),
	javascript: () => import('highlight.js/lib/languages/javascript'),
	json: () => import('highlight.js/lib/languages/json'),
	kotlin: () => import('highlight.js/lib/languages/kotlin'),
	php: () => import('highlight.js/lib/languages/php'),
	python: () => import('highlight.js/lib/languages/python'),
	ruby: () => import('highlight.js/lib/languages/ruby'),
	rust: () => import('highlight.js/lib/languages/rust'),
	sql: () => import('highlight.js/lib/languages/sql'),
	swift: () => import('highlight.js/lib/languages/swift'),
	typescript: () => import('highlight.js/lib/languages/typescript'),
	xml: () => import('highlight.js/lib/languages/xml'),
	yaml: () => import('highlight.js/lib/languages/yaml')
};

/** What people call them besides. */
const languageByAlias: Readonly<Record<string, string>> = {
	'c#': 'csharp',
	'c++': 'cpp',
	cs: 'csharp',
	golang: 'go',
	html: 'xml',
	js: 'javascript',
	jsx: 'javascript',
	kt: 'kotlin',
	patch: 'diff',
	py: 'python',
	rb: 'ruby',
	rs: 'rust',
	sh: 'bash',
	shell: 'bash',
	svelte: 'xml',
	svg: 'xml',
	toml: 'ini',
	ts: 'typescript',
	tsx: 'typescript',
	vue: 'xml',
	yml: 'yaml',
	zsh: 'bash'
};

const kindByClass: Readonly<Record<string, TokenKind>> = {
	keyword: 'keyword',
	literal: 'keyword',
	'selector-tag': 'keyword',
	name: 'keyword',
	operator: 'keyword',
	string: 'string',
	regexp: 'string',
	char: 'string',
	quote: 'comment',
	comment: 'comment',
	doctag: 'comment',
	meta: 'comment',
	number: 'number',
	symbol: 'number',
	variable: 'name',
	'template-variable': 'name',
	attr: 'name',
	attribute: 'name',
	property: 'name',
	title: 'type',
	type: 'type',
	built_in: 'type',
	'selector-class': 'type',
	'selector-id': 'type',
	section: 'type',
	addition: 'added',
	deletion: 'removed'
};

const prefix = 'hljs-';

/** The grammar that code of this name is read by, or null: then it is shown in one colour. */
export function languageOf(name: string): string | null {
	const lower = name.toLowerCase();
	const language = Object.hasOwn(languageByAlias, lower) ? languageByAlias[lower] : lower;
	return language !== undefined && Object.hasOwn(grammars, language) ? language : null;
}

/** @param language as `languageOf` gives it. @returns pieces that together are `code`, character for character */
export async function tokensOf(code: string, language: string): Promise<readonly Token[]> {
	const load = grammars[language];
	if (load === undefined) return [{ kind: 'plain', text: code }];
	const [lowlight, grammar] = await Promise.all([import('lowlight'), load()]);
	const highlighter = lowlight.createLowlight({ [language]: grammar.default });
	return flatTokens(highlighter.highlight(language, code, { prefix }).children, 'plain');
}

function flatTokens(nodes: readonly Node[], around: TokenKind): readonly Token[] {
	return nodes.flatMap((node) => {
		if (node.type === 'text') return [{ kind: around, text: node.value }];
		return node.type === 'element'
			? flatTokens(node.children, kindOf(node.properties['className']) ?? around)
			: [];
	});
}

function kindOf(classes: unknown): TokenKind | undefined {
	const first: unknown = Array.isArray(classes) ? classes[0] : undefined;
	return typeof first === 'string' ? kindByClass[first.slice(prefix.length)] : undefined;
}
