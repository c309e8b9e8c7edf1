/** The sizes and times of a link, in one place, each with its reason. */

/**
 * Bytes of one frame on the wire, its header included. 16 KiB is what every engine sends without fragmenting
 * on its own terms; Chromium refuses a send over 256 KiB altogether.
 */
export const frameLimitBytes = 16 * 1024;

/** Largest message, in or out. A whole control segment (4 MB) fits with room to spare. */
export const messageLimitBytes = 8 * 1024 * 1024;

/** Largest control message: a handshake with its certificates is about 1 KiB, a digest list a few. */
export const controlMessageLimitBytes = 64 * 1024;

/**
 * Bytes that may be in the browser's send buffer of one channel. A data channel is fastest with 64 to 128 KiB
 * buffered (targets, "traps"); our own run, on a busy machine, saw no difference from 64 KiB to 1 MiB. So the choice
 * is for delay: one SCTP association carries all channels, and what is buffered stands before everything else.
 */
export const highWaterBytes = 128 * 1024;

/** Refilling begins here. */
export const lowWaterBytes = 64 * 1024;

/** What may wait in our own queue of one channel: a peer that does not drain this is as good as gone. */
export const queueLimitBytes = 32 * 1024 * 1024;

/**
 * Wire bytes of `document` or `sync` that may be under way, unprocessed by the receiver. The browser takes what
 * arrives and has no brake, so without this a fast peer could fill our memory while the guard is at work.
 * More than one largest message plus one report interval, or both ends would wait for each other.
 */
export const windowBytes = 12 * 1024 * 1024;

/** The receiver reports what it has processed in steps of this. */
export const windowReportBytes = 1024 * 1024;

/** Session descriptions of a data-only connection are about 600 bytes. */
export const descriptionLimitChars = 16 * 1024;

export interface LinkTiming {
	/** From construction to authenticated, if nothing shows progress; ± 20 %. Room for what is lost to be said again. */
	readonly connectMs: number;
	/** The same after repeated failures: the wait grows by half each time up to this. */
	readonly connectSlowestMs: number;
	/**
	 * From a description of one's own to the first candidate for it, ± 20 %. Where many connections begin at once Chromium
	 * now and then never looks for candidates of one; only a new connection helps. Waits longer after failures, as above.
	 */
	readonly gatherMs: number;
	/** From the control channel's opening to authenticated (protocol 7). */
	readonly handshakeMs: number;
	/** Silence after which we ask. */
	readonly pingEveryMs: number;
	/** Silence after which the peer is taken for gone. */
	readonly silentMs: number;
	/** The short deadline when there is reason for doubt: network change, wake, a peer that announces itself. */
	readonly probeMs: number;
	/** An unfinished message without a further frame for this long is a violation. */
	readonly unfinishedMs: number;
}

export const defaultLinkTiming: LinkTiming = {
	connectMs: 8_000,
	connectSlowestMs: 15_000,
	gatherMs: 3_000,
	handshakeMs: 10_000,
	pingEveryMs: 10_000,
	silentMs: 30_000,
	probeMs: 3_000,
	unfinishedMs: 10_000
};
