/** Puts the parts of a conversation together. */
import { accountIdOf, controlSegment } from '../protocol/ids';
import { Admission } from './admission';
import { Answers } from './answers';
import { deadFrom, type Authority, type Statements } from './authority';
import { ControlFold } from './control-fold';
import { ControlLog } from './control-log';
import type { ConversationEvents } from './conversation-events';
import { ConversationTasks } from './conversation-tasks';
import type { DeliveryRecord } from './delivery';
import { Forks } from './forks';
import { Frontiers } from './frontiers';
import { Intake } from './intake';
import type { ConversationKeys } from './keys/conversation-keys';
import { EpochActs } from './keys/epoch-acts';
import { LoadedSegments } from './loaded-segments';
import { MessageLog } from './message-log';
import type { OpeningContext } from './opening';
import type { OwnLanes } from './own-lanes';
import type { ConversationIdentity, ConversationPorts, JournalEntry, LaneCursor } from './ports';
import { Presences } from './presences';
import { NamedDeletes } from './named-deletes';
import { ReadModelFeed } from './read-model-feed';
import { Redactions } from './redactions';
import type { ReadingRecord } from './reading';
import { segmentLimits, type Segment, type SegmentLimits } from './segment';
import { UnsettledEntries } from './unsettled-entries';
import { WaitingEntries } from './waiting-entries';
import { Writing } from './writing';

export interface ConversationStart {
	/** What the read model has already. */
	readonly cursors: readonly LaneCursor[];
	readonly delivery?: DeliveryRecord;
	readonly reading?: ReadingRecord;
	/** From the invite link: where to begin reading. */
	readonly newestSegmentHint: number;
	/** Other than the protocol's in simulations only. */
	readonly limits?: SegmentLimits;
}

/** What a conversation is made of that has to be read first. */
export interface ConversationStock {
	readonly identity: ConversationIdentity;
	readonly ports: ConversationPorts;
	readonly own: OwnLanes;
	readonly keys: ConversationKeys;
	readonly statements: Statements;
	readonly journalled: readonly JournalEntry[];
}

export interface ConversationParts {
	/** This device's account id. */
	readonly account: string;
	readonly tasks: ConversationTasks;
	readonly segments: LoadedSegments;
	readonly waiting: WaitingEntries;
	readonly unsettled: UnsettledEntries;
	readonly control: ControlLog;
	readonly feed: ReadModelFeed;
	readonly forks: Forks;
	readonly frontiers: Frontiers;
	readonly presences: Presences;
	readonly epochs: EpochActs;
	readonly intake: Intake;
	readonly writing: Writing;
	readonly answers: Answers;
}

/** @param origin of own entries, as documents and the network are told */
export function partsOf(
	stock: ConversationStock,
	start: ConversationStart,
	events: ConversationEvents,
	origin: unknown
): ConversationParts {
	const { identity, ports, own, keys } = stock;
	const { conversation } = identity;
	const account = accountIdOf(identity.certificate.account);
	const opening: OpeningContext = {
		subtle: ports.crypto.subtle,
		conversation,
		keysOf: (epoch, entryClass) => keys.keysOf(epoch, entryClass)
	};
	const rejected = (reason: string): void => events.rejected(reason);
	const newLog = (segment: Segment): MessageLog =>
		new MessageLog(segment, opening, (lane) => own.isOwn(lane), account, rejected);
	const waiting = new WaitingEntries(stock.journalled);
	const unsettled = new UnsettledEntries(ports.journal, {
		settled: () => events.deliveryChanged(),
		failed: (reason) => rejected(`not-settled: ${reason}`)
	});
	const control = new ControlLog(opening, stock.statements, rejected);
	const authority = (): Authority => control.authority;
	const copied = (): void => events.copied?.();
	const admission = new Admission(opening, own, control, {
		device: identity.certificate.device,
		openedAtMs: ports.clock.nowMs(),
		copied
	});
	const feed = new ReadModelFeed(ports, authority, newLog, start.cursors);
	const named = new NamedDeletes(control);
	const limits = start.limits ?? segmentLimits;
	const segments: LoadedSegments = new LoadedSegments(
		conversation,
		ports.documents,
		limits,
		start.newestSegmentHint,
		{
			loaded: (loaded) => intake.loaded(loaded),
			newLog,
			isBusy: (loaded) => feed.isBusy(loaded),
			deadFrom: (segment, lane) => deadFrom(authority(), segment, lane),
			named: (segment) => named.of(segment),
			redacted: async (segment) => (await ports.redaction?.redacted(segment)) ?? [],
			deletesOf: (segment) => redactions.seenOf(segment)
		}
	);
	const tasks = new ConversationTasks(segments);
	const erasing = (segment: number): void => events.erasing?.(segment);
	const redactions: Redactions = new Redactions({
		ports,
		opening,
		named,
		segments,
		waiting,
		erasing,
		rejected
	});
	const parts = {
		...{ redactions, identity, ports, events, account, opening, own, keys, authority, rejected },
		...{ copied, tasks, segments, waiting, unsettled, control, admission, feed }
	};
	const forks = new Forks({
		...parts,
		append: (loaded, record, how) => writing.append(loaded, record, how)
	});
	const controlFold = new ControlFold({
		...parts,
		forks,
		add: (loaded, runs, from) => intake.add(loaded, runs, from)
	});
	const intake: Intake = new Intake({ ...parts, forks, controlFold });
	const epochs = new EpochActs({
		keys,
		nextPlace: () => {
			const lane = own.active(controlSegment);
			return lane === undefined ? null : { lane: lane.lane, clock: lane.next };
		},
		unusedSegment: () => segments.unused(),
		authorityWith: (more) => control.authorityWith(more),
		say: async (record, how) => writing.append(await segments.load(controlSegment), record, how),
		rejected
	});
	const writing: Writing = new Writing({
		...parts,
		epochs,
		add: (loaded, runs) => intake.add(loaded, runs, origin, true)
	});
	return {
		...parts,
		forks,
		epochs,
		intake,
		writing,
		frontiers: new Frontiers(parts, start.delivery, start.reading),
		presences: new Presences(parts),
		answers: new Answers(ports, tasks, own, control)
	};
}
