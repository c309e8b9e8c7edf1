import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import boundaries from 'eslint-plugin-boundaries';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** The rooms of the house from the foundation up (docs/architecture): a room may import from itself and from those before it. */
const rooms = ['protocol', 'conversation', 'identity', 'link', 'replicas', 'store', 'files', 'calls', 'app'];
/** The screens see the app, and nothing below it; what they need of the types below, `app/contract` hands on. */
const screens = ['ui', 'routes'];

const elements = [
	...rooms.map((type) => ({ type, pattern: `src/lib/${type}` })),
	{ type: 'ui', pattern: 'src/lib/ui' },
	{ type: 'routes', pattern: 'src/routes' },
	{ type: 'relay', pattern: 'relay' },
	{ type: 'tests', pattern: 'tests' },
	{ type: 'scripts', pattern: 'scripts' }
	// Whole paths from the root: src/lib/replicas/relay is not the relay.
].map((element) => ({ ...element, partialMatch: false }));

/** @param {string} from @param {string[]} to */
const mayImport = (from, to) => ({
	from: { element: { type: from } },
	allow: { to: { element: { type: to } } }
});

const policies = [
	// Packages are not rooms; which of them a room may use is said below, by `no-restricted-imports`.
	{ allow: { to: { module: { origin: ['external', 'core'] } } } },
	...rooms.map((room, index) => mayImport(room, rooms.slice(0, index + 1))),
	...screens.map((room, index) => mayImport(room, ['app', ...screens.slice(0, index + 1)])),
	mayImport('relay', ['protocol', 'relay']),
	mayImport(
		'tests',
		elements.map(({ type }) => type)
	),
	mayImport('scripts', ['scripts'])
];

const noSleep = {
	// Exactly the idiom: an executor of one parameter whose whole body is the timer. A deadline that rejects is fine.
	selector:
		'NewExpression[callee.name="Promise"] > ArrowFunctionExpression[params.length=1] > CallExpression.body[callee.name="setTimeout"]',
	message: 'Do not sleep: wait for the condition itself.'
};
const noWaitForTimeout = {
	selector: 'CallExpression[callee.property.name="waitForTimeout"]',
	message: 'Do not sleep: wait for the condition itself (expect.poll, waitForFunction, locators).'
};
const noSwallowing = {
	selector:
		'CallExpression[callee.property.name="catch"] > ArrowFunctionExpression > BlockStatement[body.length=0]',
	message: 'Do not swallow errors: handle the ones that are expected and let the rest through.'
};
const noTimerPromises = {
	group: ['timers/promises', 'node:timers/promises'],
	message: 'Do not sleep: wait for the condition itself.'
};

const isomorphic = ['src/lib/protocol/**/*.ts', 'src/lib/conversation/**/*.ts'];
const browserGlobals = [
	'window',
	'document',
	'navigator',
	'location',
	'localStorage',
	'indexedDB',
	'fetch',
	'WebSocket',
	'RTCPeerConnection',
	'BroadcastChannel'
];

export default defineConfig(
	globalIgnores([
		'.svelte-kit/',
		'build/',
		'coverage/',
		'data/',
		'playwright-report/',
		'reports/',
		'src/lib/ui/paraglide/',
		'test-results/'
	]),
	js.configs.recommended,
	ts.configs.strict,
	svelte.configs.recommended,
	prettier,
	svelte.configs.prettier,
	{
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		rules: {
			'no-console': 'error',
			'no-empty': ['error', { allowEmptyCatch: false }],
			'no-restricted-syntax': ['error', noSleep, noWaitForTimeout, noSwallowing],
			'no-restricted-imports': ['error', { patterns: [noTimerPromises] }],
			// The compiler knows better, and knows types.
			'no-undef': 'off',
			'no-unused-vars': 'off',
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' }
			],
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/ban-ts-comment': [
				'error',
				{ 'ts-ignore': true, 'ts-nocheck': true, 'ts-expect-error': 'allow-with-description' }
			],
			// With noUncheckedIndexedAccess, `bytes[i]!` inside a checked range says more than a check that cannot fail.
			'@typescript-eslint/no-non-null-assertion': 'off'
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
		rules: {
			'svelte/no-at-html-tags': 'error',
			// resolve() adds the base path, and there is none: Skein has an origin to itself.
			'svelte/no-navigation-without-resolve': 'off',
			// State is held in `$state.raw` and replaced as a whole; maps and sets are plain look-ups beside it.
			'svelte/prefer-svelte-reactivity': 'off'
		}
	},
	{
		plugins: { boundaries },
		settings: {
			'boundaries/root-path': fileURLToPath(new URL('.', import.meta.url)),
			'boundaries/elements': elements,
			'boundaries/dependency-nodes': ['import', 'export', 'dynamic-import', 'require'],
			'import/resolver': { [fileURLToPath(new URL('scripts/import-resolver.js', import.meta.url))]: {} }
		},
		rules: { 'boundaries/dependencies': ['error', { default: 'disallow', policies }] }
	},
	{
		files: isomorphic,
		rules: {
			'no-restricted-globals': ['error', ...browserGlobals],
			'no-restricted-properties': [
				'error',
				{ object: 'Date', property: 'now', message: 'Time comes in as an argument.' },
				{ object: 'Math', property: 'random', message: 'Randomness comes in as an argument.' }
			]
		}
	},
	{
		files: ['src/lib/protocol/**/*.ts'],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						noTimerPromises,
						noPackages('Pure and isomorphic: no Yjs, no Node, no framework here.', [
							'yjs',
							'y-*',
							'y-*/**',
							'node:*',
							'svelte',
							'$app/*'
						])
					]
				}
			]
		}
	},
	{
		files: ['src/lib/conversation/**/*.ts'],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						noTimerPromises,
						noPackages('Runs unchanged in Node and browsers: no network, no storage, no framework here.', [
							'y-indexeddb',
							'y-webrtc',
							'y-websocket',
							'node:*',
							'svelte',
							'$app/*'
						])
					]
				}
			]
		}
	},
	{
		files: ['src/lib/ui/**', 'src/routes/**'],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						noTimerPromises,
						noPackages('Screens ask the app.', [
							'yjs',
							'y-*',
							'lib0',
							'lib0/**',
							'idb',
							'@sqlite.org/*',
							'@noble/*'
						])
					]
				}
			]
		}
	}
);

/** @param {string} message @param {string[]} group */
function noPackages(message, group) {
	return { group, message };
}
