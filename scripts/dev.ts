/** `npm run dev`: the relay on port 4400 and Vite's server, which passes the relay's addresses on. Ends both together. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const relayPort = process.env.RELAY_PORT ?? '4400';
const root = fileURLToPath(new URL('..', import.meta.url));
const run = (args: readonly string[], environment: Record<string, string> = {}) =>
	spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });

const children = [
	run(['--import', 'tsx', 'relay/main.ts'], { PORT: relayPort }),
	run(['node_modules/vite/bin/vite.js', 'dev', ...process.argv.slice(2)], { RELAY_PORT: relayPort })
];
const stopAll = () => children.forEach((child) => child.kill('SIGTERM'));

for (const child of children) {
	child.on('exit', (code) => {
		process.exitCode ??= code ?? 0;
		stopAll();
	});
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stopAll);
