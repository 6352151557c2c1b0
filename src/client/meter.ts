import type { Negotiated, Notification } from "../association/index.js";
import { DecodeError, DlmsError, dlmsError } from "../base/index.js";
import { type InterfaceClass, Obis, type ObisLike, type ObjectHandle, ObjectList } from "../cosem/index.js";
import { decodeData } from "../data/index.js";
import { type AccessOperation, type AccessResults, access, type TypedOperations } from "./access.js";
import { addClassHandles, type ClassHandles } from "./class-handles.js";
import type { DialectSet } from "./dialects/index.js";
import { objectHandle } from "./object.js";
import { isSelected, type ObjectSelection, selectedObjects } from "./object-list.js";
import { ObjectSource } from "./object-source.js";
import type { AssociateOptions, ConnectOptions } from "./options.js";
import { Profile } from "./profile.js";
import type { ProfileOptions } from "./profile-options.js";
import type { ReadOptions } from "./profile-source.js";
import { RawObject } from "./raw-object.js";
import { type ReadResults, readAll } from "./read-all.js";
import { CurrentSession } from "./reassociation.js";
import type { RecordingSink } from "./recording.js";
import type { Session } from "./session.js";
import { accessRightsBySn, type ShortNameTable } from "./short-names.js";
import type { SessionStatistics } from "./statistics.js";
import type { SessionState } from "./trace.js";

/** How a meter's session is opened again, and others beside it. */
export interface Openings {
  again(before: Session): Promise<Session>;
  beside(session: Session, options: AssociateOptions): Promise<Meter>;
  readonly policy: ConnectOptions["reassociate"];
}

/** Down-levelled code looks for the same symbol where the runtime has none. */
const asyncDispose: typeof Symbol.asyncDispose =
  (Symbol as { readonly asyncDispose?: typeof Symbol.asyncDispose }).asyncDispose ??
  (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

/**
 * What every meter offers beside a method for each common class. Close it when done: `await using meter = await connect(...)`, or `meter.close()` in `finally`.
 * Handles do nothing until one of their methods is called.
 */
class MeterSession {
  readonly #current: CurrentSession;
  readonly #openings: Openings;
  readonly #source: ObjectSource;
  readonly #profiles = new Map<string, Profile>();
  #objects: Promise<ObjectList> | undefined;

  constructor(current: CurrentSession, openings: Openings) {
    this.#openings = openings;
    this.#current = current;
    this.#source = new ObjectSource(this.#current);
  }

  get #session(): Session {
    return this.#current.session;
  }

  /** Where the session stands; `closed` once the line is gone, whoever ended it. */
  get state(): SessionState {
    return this.#session.state;
  }

  /** What was agreed on: services, PDU size, the meter's system title. @throws UsageError when closed. */
  get negotiated(): Negotiated {
    return this.#session.negotiated;
  }

  /** What the session has cost so far. */
  get statistics(): SessionStatistics {
    return this.#session.statistics.snapshot(this.#session.clock.now());
  }

  /**
   * The dialect of this meter as far as it is known: what `connect` was told, and what was learnt since. Give it to the
   * next `connect`; it is plain data and may be saved.
   */
  get dialect(): DialectSet {
    return this.#session.learning.dialect(this.#session.settings.dialect);
  }

  /** Names of the tolerances that fired, and of whatever else was out of the ordinary (docs/quirks.md). */
  get notices(): readonly string[] {
    return this.#session.learning.notices;
  }

  /**
   * What the meter sends unasked. One consumer; what comes while nobody asks waits up to `maxNotifications`. Ends when
   * the meter is closed, throws when the line is lost.
   */
  get notifications(): AsyncIterable<Notification> {
    const queue = this.#session.notifications;
    return { [Symbol.asyncIterator]: () => queue };
  }

  /**
   * Lets a meter on an HDLC line speak: asks for its events, which come as `notifications` (EventNotification,
   * InformationReport, DataNotification). `pollEvents` of `connect` does it at an interval.
   * @throws UsageError `wrong-state`; NotSupportedError over the wrapper, where a meter speaks unasked.
   */
  pollEvents(): void {
    this.#session.pollEvents();
  }

  /** An object by the table of its class: one of this library's, or one made with `defineClass`. */
  object<C extends InterfaceClass>(table: C, obis: ObisLike): ObjectHandle<C> {
    return objectHandle(this.#source, table, Obis.from(obis));
  }

  /** An object of any class by the numbers of its attributes and methods. */
  raw(classId: number, obis: ObisLike): RawObject {
    return new RawObject(this.#source, classId, Obis.from(obis));
  }

  /** A profile, read row by row. Asked for again without options it is the same, and knows its columns. */
  profile(obis: ObisLike, options?: ProfileOptions): Profile {
    const name = Obis.from(obis);
    const known = options === undefined ? this.#profiles.get(name.toHex()) : undefined;
    const profile = known ?? new Profile(this.#source, name, { ...this.#session.settings.dialect.profile, ...options });
    this.#profiles.set(name.toHex(), profile);
    return profile;
  }

  /**
   * Reads several attributes in as few requests as the meter allows: one GET with a list where it grants that, split
   * when it refuses. An attribute that the meter does not give has its error as its result.
   * @throws TransportError, SecurityError when reading as such fails.
   */
  async readAll<const H extends readonly { get(options?: never): Promise<unknown> }[]>(
    handles: H,
    options: ReadOptions = {},
  ): Promise<ReadResults<H>> {
    return (await readAll(this.#source, handles, options)) as unknown as ReadResults<H>;
  }

  /**
   * Reads, writes and methods in order: in one ACCESS where the meter grants that (Green Book 9.3.9), one service after
   * the other where not; neighbours of one kind then go as a list where it grants lists. Each has its own result; a refused one does not keep the next from being carried out.
   * @throws TransportError, with `outcomeUnknown` when something may have been written; UsageError.
   */
  async access<const O extends readonly AccessOperation[]>(
    operations: O & TypedOperations<O>,
    options: ReadOptions = {},
  ): Promise<AccessResults<O>> {
    return (await access(this.#source, operations, options)) as unknown as AccessResults<O>;
  }

  /**
   * What this association shows: its objects with the rights to each attribute and method. Read once and kept. From
   * then on requests are protected as the rights demand, and answers that are weaker are refused.
   * @throws RefusedError `access-refused`; DecodeError.
   */
  async objects(options: ReadOptions = {}): Promise<ObjectList> {
    const kept = this.#objects;
    if (kept !== undefined) return kept;
    const names = this.#session.shortNames;
    const known = this.#session.rights;
    if (known !== undefined) return known;
    const reading = names === undefined ? this.#listByLogicalName(options) : this.#listByShortName(names, options);
    this.#objects = reading;
    reading.then(
      (list) => {
        this.#session.rights = list;
      },
      () => {
        this.#objects = undefined;
      },
    );
    return reading;
  }

  /**
   * Part of that list: objects of some classes, or some objects, by selective access where the meter takes it; where
   * not, the whole list is read and the part taken out here.
   * @throws as `objects`.
   */
  async objectsOf(selection: ObjectSelection, options: ReadOptions = {}): Promise<ObjectList> {
    const isWhole = this.#objects !== undefined || this.#session.rights !== undefined;
    const selected =
      isWhole || this.#session.shortNames !== undefined
        ? undefined
        : await selectedObjects(this.#source, selection, options);
    return selected ?? new ObjectList([...(await this.objects(options))].filter(isSelected(selection)));
  }

  async #listByLogicalName(options: ReadOptions): Promise<ObjectList> {
    const encoded = await this.#source.getEncoded(objectListAttribute, undefined, options);
    return ObjectList.fromAssociationLn(decodeData(encoded));
  }

  /** The list is known; rights are a list of their own, which some meters have and do not give. */
  async #listByShortName(names: ShortNameTable, options: ReadOptions): Promise<ObjectList> {
    if (!names.hasAccessRights) return names.objects(undefined);
    try {
      return names.objects(await this.#source.getEncoded(accessRightsBySn, undefined, options));
    } catch (error) {
      if (!DlmsError.is(error) || (error.code !== "access-refused" && !(error instanceof DecodeError))) throw error;
      this.#source.notice("access-rights-unreadable", `the meter gives no access rights: ${error.message}`);
      return names.objects(undefined);
    }
  }

  /**
   * Writes the session to `sink`, secrets removed, until it is closed. Called before anything was asked of the meter,
   * the recording begins with the connection and replays.
   */
  record(sink: RecordingSink): void {
    this.#session.record(sink);
  }

  /**
   * Associates once more: after the line or the association was lost, or after what is left of it was ended in order.
   * Handles stay good; `statistics`, `notifications` and recordings begin anew.
   * @throws what `connect` throws; it may be tried again.
   */
  reconnect(): Promise<void> {
    this.#objects = undefined;
    return this.#current.reconnect();
  }

  /**
   * A second association over the same line, under another client address: the public client first, then the
   * management client, without a new connection. Over HDLC it has a link of its own, and both take turns. Each is
   * closed by itself; the line goes with the last. Octets of both show in the trace of both.
   * @throws as `connect`; UsageError `invalid-argument` for the client address that is in use.
   */
  associate(options: AssociateOptions): Promise<Meter> {
    return this.#openings.beside(this.#session, options);
  }

  /** Releases, disconnects and closes the line: in order, bounded in time, never throws. Idempotent. */
  close(): Promise<void> {
    return this.#current.close();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

addClassHandles(MeterSession.prototype);

/**
 * An associated meter: `meter.register("1-0:1.8.0*255").value.get()`. Close it when done:
 * `await using meter = await connect(...)`, or `meter.close()` in `finally`.
 */
export interface Meter extends MeterSession, ClassHandles {}

const sessions = new WeakMap<object, CurrentSession>();

/** The meter at the other end of a session. */
export function meterOf(session: Session, openings: Openings): Meter {
  const current = new CurrentSession(session, openings.again, openings.policy);
  const meter = new MeterSession(current, openings) as Meter;
  sessions.set(meter, current);
  return meter;
}

/** The session behind a meter that `connect` gave. @throws UsageError `invalid-argument` for anything else. */
export function sessionOf(meter: Meter): Session {
  const current = sessions.get(meter);
  if (current === undefined)
    throw dlmsError("invalid-argument", "this is no meter that connect gave", { layer: "client" });
  return current.session;
}

/** object_list of the current association. */
const objectListAttribute = { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), attributeId: 2 };
