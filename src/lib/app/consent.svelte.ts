/** What the people in a conversation are told about this person, for whoever makes frames. */
import { consentFor, type Consent } from '$lib/identity/contacts';
import type { Contacts } from './contacts/contacts.svelte';

export interface ConsentSource {
	/** In a group what is for all, in a direct conversation what is for that contact. As of now. */
	consentIn(conversation: string): Consent;
}

export class OwnConsent implements ConsentSource {
	constructor(readonly contacts: Contacts) {}

	consentIn(conversation: string): Consent {
		const { privacy, known } = this.contacts;
		return consentFor(privacy.consent, known.peerIn(conversation));
	}

	/** Tells of every change, in what is for all or for a contact. @returns what stops that */
	onChange(listener: () => void): () => void {
		const all = $derived(
			JSON.stringify([
				this.contacts.privacy.consent,
				this.contacts.contacts.map(({ conversation, consent }) => [conversation, consent])
			])
		);
		let before = all;
		return $effect.root(() => {
			$effect(() => {
				if (all === before) return;
				before = all;
				listener();
			});
		});
	}
}
