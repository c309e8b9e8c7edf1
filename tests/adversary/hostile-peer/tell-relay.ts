import { documentNameOf } from '../../../src/lib/protocol/ids';
import { challengeMessageType } from '../../../src/lib/protocol/ticket';
import { DocumentTickets } from '../../../src/lib/replicas/relay/document-tickets';

/**
 * Lets itself into a document at the relay that serves this page, sends frames, then asks for the state: answered if the
 * relay has read them all.
 * @param accessSecrets of the epochs that are held
 * @param frames or what makes them of the relay's challenge
 * @returns whether the relay hung up instead
 */
export function tellRelay(
	context: Uint8Array,
	accessSecrets: () => readonly Uint8Array[],
	frames: readonly Uint8Array[] | ((challenge: Uint8Array) => Promise<readonly Uint8Array[]>)
): Promise<boolean> {
	const { host } = location;
	const tickets = new DocumentTickets({ subtle: crypto.subtle, document: context, host, accessSecrets });
	const socket = new WebSocket(`ws://${host}/doc/${documentNameOf(context)}`);
	socket.binaryType = 'arraybuffer';
	return new Promise((resolve) => {
		const enter = async (challenge: Uint8Array): Promise<void> => {
			const answer = await tickets.answer(challenge);
			if (!answer.ok) throw new Error(answer.reason);
			const request = new Uint8Array([0, 0, 1, 0]);
			const said = typeof frames === 'function' ? await frames(challenge) : frames;
			for (const frame of [...answer.value, ...said, request]) socket.send(frame as Uint8Array<ArrayBuffer>);
		};
		socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
			const frame = new Uint8Array(data);
			if (frame[0] === challengeMessageType) return void enter(frame);
			// The empty answer, which ends what it has for us.
			if (frame[0] !== 0 || frame[1] !== 1) return;
			socket.onclose = null;
			socket.close();
			resolve(false);
		};
		socket.onclose = () => resolve(true);
	});
}
