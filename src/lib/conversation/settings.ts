/** Settings as a person changes them: one thing, with all others as they are. */
import type { SettingsRecord } from '../protocol/records';

/** @param conversation its id: what empowers the founder */
export function firstSettings(conversation: Uint8Array, name: string): SettingsRecord {
	return {
		type: 'settings',
		auth: conversation,
		name,
		description: '',
		picture: null,
		whoMayPost: 'members',
		whoMayInvite: 'members',
		approval: false,
		history: 'all',
		accepted: []
	};
}
