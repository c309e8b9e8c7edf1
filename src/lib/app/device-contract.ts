/** What a person is told about the device that they hold. */
export type DeviceNotice =
	/** Two devices have written as one: this device's data was copied, or restored from a copy. */
	| { readonly kind: 'copied' }
	/** By the others' clocks this device's is wrong. Positive: it is ahead. */
	| { readonly kind: 'clock'; readonly aheadMs: number };
