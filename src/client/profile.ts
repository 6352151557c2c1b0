import type { AttributeReference, DataResult, GetItem } from "../association/index.js";
import { type AbortSignalLike, DlmsError, dlmsError } from "../base/index.js";
import {
  ClassRegistry,
  Clock,
  type ClockFacts,
  type ClockRule,
  clockRule,
  coreClasses,
  decodeAttribute,
  type InterfaceClass,
  Obis,
  type ObisLike,
  type ProfileColumn,
  ProfileGeneric,
  profileColumns,
  Register,
  type ScalerUnit,
} from "../cosem/index.js";
import { type Data, decodeData } from "../data/index.js";
import { dataOf } from "./object-source.js";
import { type Span, spanOf } from "./profile-bounds.js";
import { ResumePoint, RowTracker } from "./profile-checkpoint.js";
import { readEntries, readLast, readLastOfWhole } from "./profile-entries.js";
import type { ProfileCheckpoint, ProfileForm, ProfileInfo, ProfileOptions, RowsOptions } from "./profile-options.js";
import type { ProfileRow, RowBatch } from "./profile-row.js";
import type { ProfileSource } from "./profile-source.js";
import { type FormMemory, readSpan, spanFrom } from "./profile-span.js";
import { type KeptRows, ProgressMeter, type ReadContext } from "./profile-transfer.js";

const registry = /* @__PURE__ */ new ClassRegistry(/* @__PURE__ */ Object.values(coreClasses));

/** A profile of the meter: a load profile, an event log. Nothing is read before a method is called. */
export class Profile {
  readonly obis: Obis;
  readonly #source: ProfileSource;
  readonly #options: ProfileOptions;
  readonly #memory: FormMemory = {};
  #info: Promise<ProfileInfo> | undefined;

  constructor(source: ProfileSource, obis: ObisLike, options: ProfileOptions = {}) {
    this.#source = source;
    this.obis = Obis.from(obis);
    this.#options = options;
    if (options.info) this.#info = Promise.resolve(options.info);
  }

  /** The form of access that worked last; undefined before. */
  get form(): ProfileForm | undefined {
    return this.#memory.form;
  }

  /**
   * Columns, scalers and units, capture period, order and clock: read once, in two requests where the meter takes
   * lists.
   * @throws RefusedError when the meter does not give the capture objects.
   */
  info(signal?: AbortSignalLike): Promise<ProfileInfo> {
    this.#info ??= readInfo(this.#source, this.obis, signal).catch((error: unknown) => {
      this.#info = undefined;
      throw error;
    });
    return this.#info;
  }

  /**
   * Reads rows, handing each out as soon as it is decoded, in the order of the buffer (`ProfileInfo.sortMethod`).
   * @throws UsageError `invalid-argument` for options that do not go together.
   */
  rows(options: RowsOptions = {}): ProfileRows {
    checkOptions(options);
    return new ProfileRows(this.obis, options, () => this.#read(options));
  }

  async *#read(options: RowsOptions): AsyncGenerator<KeptRows, void, undefined> {
    const info = await this.info(options.signal);
    const rule = this.#rule(info);
    const context: ReadContext = {
      source: this.#source,
      buffer: attributeOf(ProfileGeneric, this.obis, 2),
      info,
      rule,
      profile: this.#options,
      options,
      wanted: wantedColumns(info.columns, options.columns),
      progress: new ProgressMeter(options, () => this.#source.clock.now()),
    };
    const span = spanOf(options.from, options.to, rule, this.#options.invertDeviation ?? false);
    yield* this.#select(context, span);
  }

  #select(context: ReadContext, span: Span): AsyncIterable<KeptRows> {
    const { options } = context;
    const start = options.resume && ResumePoint.start(options.resume, this.obis);
    if (start) return readSpan(context, spanFrom(context, span, start), this.#memory);
    if (options.entries) return readEntries(context, options.entries.from, options.entries.to ?? 0);
    if (options.last !== undefined) return newest(context, options.last);
    if (span.from ?? span.to) return readSpan(context, span, this.#memory);
    return readSpan({ ...context, profile: { ...context.profile, forms: ["whole-buffer"] } }, span, {});
  }

  #rule(info: ProfileInfo): ClockRule | undefined {
    const { utcOffsetMinutes, invertDeviation } = this.#options;
    if (utcOffsetMinutes !== undefined)
      return { standardOffset: utcOffsetMinutes, savedMinutes: 0, offsetAt: () => utcOffsetMinutes };
    return clockRule(info.clock, invertDeviation);
  }
}

/** The rows of one read. Can be walked through once. */
export class ProfileRows implements AsyncIterable<ProfileRow> {
  readonly #read: () => AsyncIterable<KeptRows>;
  readonly #options: RowsOptions;
  readonly #tracker: RowTracker;
  #started = false;

  constructor(obis: Obis, options: RowsOptions, read: () => AsyncIterable<KeptRows>) {
    this.#read = read;
    this.#options = options;
    this.#tracker = new RowTracker(obis, options.resume);
  }

  /** Where to go on when the read ends early: after the last row that was handed out. */
  get checkpoint(): ProfileCheckpoint {
    return this.#tracker.checkpoint();
  }

  /** @throws UsageError `wrong-state` when walked through a second time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ProfileRow, void, undefined> {
    for await (const { batch, kept } of this.#arrivals()) for (const at of kept) yield this.#tracker.row(batch, at);
  }

  /**
   * The same rows, those that arrived together in one array: faster where there are many. The checkpoint counts
   * all rows of an array as handed out.
   * @throws UsageError `wrong-state` when walked through a second time.
   */
  async *batches(): AsyncGenerator<readonly ProfileRow[], void, undefined> {
    for await (const { batch, kept } of this.#arrivals()) yield kept.map((at) => this.#tracker.row(batch, at));
  }

  /** Rows not handed out before a resume. */
  async *#arrivals(): AsyncGenerator<{ readonly batch: RowBatch; readonly kept: readonly number[] }, void, undefined> {
    if (this.#started)
      throw dlmsError("wrong-state", "the rows of a read can be walked through once: call rows() again", {
        layer: "client",
      });
    this.#started = true;
    const { resume } = this.#options;
    const point = resume && resume.window.length > 0 ? new ResumePoint(resume) : undefined;
    for await (const { batch, kept } of this.#read()) {
      if (!point || point.found) yield { batch, kept };
      else
        for (const at of kept)
          for (const place of point.pass(batch, at)) yield { batch: place.batch, kept: [place.at] };
    }
    for (const place of point?.rest() ?? []) yield { batch: place.batch, kept: [place.at] };
  }
}

async function* newest(context: ReadContext, last: number): AsyncGenerator<KeptRows, void, undefined> {
  let rows = 0;
  const { conformance, applicationContext } = context.source.negotiated;
  const selection = applicationContext.referencing === "short-name" ? "parameterized-access" : "selective-access";
  if (conformance.has(selection))
    try {
      for await (const kept of readLast(context, last)) {
        rows += kept.kept.length;
        yield kept;
      }
      return;
    } catch (error) {
      if (rows > 0 || !DlmsError.is(error) || error.code !== "access-refused") throw error;
      context.source.notice("profile-form-refused", `the meter refused the form entry: ${error.message}`);
    }
  yield* readLastOfWhole(context, last);
}

function checkOptions({ from, to, last, entries }: RowsOptions): void {
  const ways = [from !== undefined || to !== undefined, last !== undefined, entries !== undefined];
  if (ways.filter(Boolean).length > 1) throw invalid("give either from and to, or last, or entries");
  if (last !== undefined && (!Number.isInteger(last) || last < 1)) throw invalid("last counts rows from 1");
  if (entries && (entries.from < 1 || (entries.to !== undefined && entries.to < entries.from)))
    throw invalid("entries count from 1, and `to` does not come before `from`");
}

/** Indexes of the columns asked for, in the order of the profile; clock and status always. */
function wantedColumns(columns: readonly ProfileColumn[], names: readonly string[] | undefined): readonly number[] {
  for (const name of names ?? [])
    if (!columns.some((column) => column.name === name))
      throw invalid(`the profile has no column ${name}: it has ${columns.map((column) => column.name).join(", ")}`);
  return [...columns.keys()].filter((i) => {
    const column = columns[i];
    return column && (names === undefined || column.role !== "value" || names.includes(column.name));
  });
}

async function readInfo(source: ProfileSource, obis: Obis, signal: AbortSignalLike | undefined): Promise<ProfileInfo> {
  const options = signal && { signal };
  const own = [3, 4, 5, 8].map((id) => ({ attribute: attributeOf(ProfileGeneric, obis, id) }));
  const [objects, period, sort, entries] = await source.getList(own, options);
  const captured = decodeAttribute(
    ProfileGeneric,
    "captureObjects",
    decodeData(dataOf(objects, `capture objects of profile ${obis.toString()}`)),
  );
  const columns = profileColumns(captured, registry);
  const more = furtherItems(columns);
  const results = await source.getList(more, options);
  const given = new Map(more.map((item, i) => [keyOf(item.attribute), results[i]]));
  return {
    columns,
    scalers: columns.map((column) => {
      if (column.scalerAttributeId === undefined) return undefined;
      const scaler = attributeOf({ id: column.classId }, column.obis, column.scalerAttributeId);
      return read(given.get(keyOf(scaler)), (data): ScalerUnit => decodeAttribute(Register, "scalerUnit", data));
    }),
    capturePeriodSeconds: read(period, (data) => decodeAttribute(ProfileGeneric, "capturePeriod", data)) ?? 0,
    sortMethod: read(sort, (data) => decodeAttribute(ProfileGeneric, "sortMethod", data)) ?? "fifo",
    profileEntries: read(entries, (data) => decodeAttribute(ProfileGeneric, "profileEntries", data)),
    clock: clockFacts(columns, given),
  };
}

const clockAttributes = [
  "time",
  "timeZone",
  "daylightSavingsBegin",
  "daylightSavingsEnd",
  "daylightSavingsDeviation",
  "daylightSavingsEnabled",
] as const;
const standardClock = /* @__PURE__ */ Obis.parse("0-0:1.0.0*255");

/** Scalers and units of the columns, each once, and the clock that the profile captures. */
function furtherItems(columns: readonly ProfileColumn[]): readonly GetItem[] {
  const items = new Map<string, GetItem>();
  const add = (attribute: AttributeReference) => items.set(keyOf(attribute), { attribute });
  for (const { classId, obis, scalerAttributeId } of columns)
    if (scalerAttributeId !== undefined) add(attributeOf({ id: classId }, obis, scalerAttributeId));
  for (const name of clockAttributes) add(attributeOf(Clock, clockOf(columns), Clock.attributes[name].id));
  return [...items.values()];
}

function clockOf(columns: readonly ProfileColumn[]): Obis {
  return columns.find(({ role }) => role === "clock")?.obis ?? standardClock;
}

function clockFacts(columns: readonly ProfileColumn[], given: ReadonlyMap<string, DataResult | undefined>): ClockFacts {
  const facts: Record<string, unknown> = {};
  for (const name of clockAttributes) {
    const key = keyOf(attributeOf(Clock, clockOf(columns), Clock.attributes[name].id));
    const value = read(given.get(key), (data) => decodeAttribute(Clock, name, data));
    if (value !== undefined) facts[name] = value;
  }
  return facts;
}

/** The value of a result; undefined when the meter gives none or one of another type. */
function read<T>(result: DataResult | undefined, decode: (data: Data) => T): T | undefined {
  if (!result?.ok) return undefined;
  try {
    return decode(decodeData(result.data));
  } catch (error) {
    if (DlmsError.is(error)) return undefined;
    throw error;
  }
}

function attributeOf(table: Pick<InterfaceClass, "id">, obis: Obis, attributeId: number): AttributeReference {
  return { classId: table.id, instanceId: obis.octets, attributeId };
}

function keyOf({ classId, instanceId, attributeId }: AttributeReference): string {
  return `${classId}/${instanceId.join(".")}/${attributeId}`;
}

function invalid(message: string) {
  return dlmsError("invalid-argument", message, { layer: "client" });
}
