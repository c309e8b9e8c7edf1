import type { ConnectionState } from '$lib/app/contract';
import { m } from '../paraglide/messages';

export interface ConnectionWords {
	/** What is shown and announced. */
	readonly text: string;
	/** What it means for the person. */
	readonly hint: string;
	readonly tone: 'good' | 'pending' | 'waiting';
}

/** A connection state in plain words: what is so, and what becomes of what one writes. */
export function connectionWords(state: ConnectionState): ConnectionWords {
	switch (state.kind) {
		case 'direct': {
			const hint = state.relay ? m.connection_direct_relay_hint : m.connection_direct_hint;
			return { text: m.connection_direct(), hint: hint({ count: state.peers }), tone: 'good' };
		}
		case 'relay':
			return { text: m.connection_relay(), hint: m.connection_relay_hint(), tone: 'good' };
		case 'connecting':
			return { text: m.connection_connecting(), hint: m.connection_connecting_hint(), tone: 'pending' };
		case 'waiting':
			return {
				text:
					state.waiting > 0 ? m.connection_waiting_count({ count: state.waiting }) : m.connection_waiting(),
				hint: m.connection_waiting_hint(),
				tone: 'waiting'
			};
		case 'offline':
			return {
				text:
					state.waiting > 0 ? m.connection_offline_count({ count: state.waiting }) : m.connection_offline(),
				hint: m.connection_offline_hint(),
				tone: 'waiting'
			};
	}
}
