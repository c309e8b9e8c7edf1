/**
 * What mutation testing changes, and the tests that have to notice: one group at a time, named by `MUTATE`.
 * Only tests that are aimed at a group and take less than a few seconds: each runs for hundreds of mutants.
 */
const protocol = 'src/lib/protocol';
const authority = 'src/lib/conversation';

/** @type {Readonly<Record<string, { readonly mutate: readonly string[]; readonly tests: readonly string[] }>>} */
const groups = {
	seal: {
		mutate: [`${protocol}/{seal,greeting}.ts`],
		tests: ['protocol/{seal,greeting}']
	},
	guard: {
		mutate: [`${protocol}/guard/*.ts`],
		tests: ['protocol/{entry-and-guard,guard-*,placeholders,interleaved-runs}']
	},
	fold: {
		mutate: [`${authority}/authority.ts`, `${authority}/authority/*.ts`],
		tests: ['conversation/{timer,authority{,-[!s]*,-statements}}']
	},
	log: {
		mutate: [`${authority}/message-log.ts`],
		tests: ['conversation/{message-log,conversation,effective-times,redaction,removal,receipts}']
	},
	codecs: {
		mutate: [
			`${protocol}/{bytes,padding,caps,entry,records,record-codec,state-vector,sync-frames,frontier,presence,ticket}.ts`,
			`${protocol}/{authority,membership,epoch,content,delete,greeting}-record{,s}.ts`
		],
		tests: ['protocol/{bytes,codecs,entry,*-records,presence,sync-frames,ticket}']
	}
};

const name = process.env.MUTATE ?? '';
const chosen = groups[name];
if (!chosen) throw new Error(`MUTATE="${name}" is none of ${Object.keys(groups).join(', ')}`);

export const group = { name, ...chosen };
