import type { AttributeReference, DataResult, GetItem, SelectiveAccess } from "../../src/association/index.js";
import { accessRefusal } from "../../src/association/refusals.js";
import { dlmsError, toHex } from "../../src/base/index.js";
import type { ProfileSource, ReadOptions, ValuePart } from "../../src/client/index.js";
import {
  array,
  CosemDateTime,
  type Data,
  decodeData,
  encodeData,
  enumeration,
  i8,
  i16,
  nullData,
  octets,
  structure,
  u8,
  u16,
  u32,
} from "../../src/data/index.js";

export const quarter = 900_000;
/** 2024-03-01 00:00 in Central Europe, an hour ahead of UTC. */
export const start = Date.UTC(2024, 1, 29, 23);

export interface FakeColumn {
  readonly classId: number;
  readonly obis: string;
  readonly attributeId?: number;
  readonly dataIndex?: number;
}

export interface FakeOptions {
  readonly columns?: readonly FakeColumn[];
  readonly rows: Data[][];
  readonly clockColumn?: number;
  readonly capturePeriod?: number;
  readonly sort?: 1 | 2 | 3;
  readonly selectors?: readonly number[];
  /** Refuses a range whose bound it does not like. */
  readonly takes?: (bound: CosemDateTime) => boolean;
  /** Bounds of a range are compared with rows without regard to their deviation. */
  readonly localTimes?: boolean;
  readonly excludesFrom?: boolean;
  readonly excludesTo?: boolean;
  /** Gives the whole buffer whatever was asked for. */
  readonly ignoresSelection?: boolean;
  /** Answers a range that it does not take with no rows instead of an error. */
  readonly emptyInsteadOfRefusal?: boolean;
  readonly ignoresColumns?: boolean;
  readonly conformance?: readonly string[];
  readonly blockOctets?: number;
  /** The line is lost after this many blocks of one answer. */
  readonly lostAfterBlocks?: number;
  readonly clockOffset?: number | null;
  /** Called before each request for the buffer. */
  readonly onRequest?: (rows: Data[][]) => void;
}

export const defaultColumns: readonly FakeColumn[] = [
  { classId: 8, obis: "0000010000FF" },
  { classId: 1, obis: "0000600A01FF" },
  { classId: 3, obis: "0100010800FF" },
];

export function stamp(epochMs: number, options: { offset?: number; status?: number; bare?: boolean } = {}): Data {
  const { offset = 60, status = 0, bare = false } = options;
  return octets(CosemDateTime.fromDate(epochMs, { utcOffsetMinutes: offset, status, withoutDeviation: bare }).octets);
}

/** Quarter-hourly rows of clock, status and an energy that rises by 7. */
export function quarterRows(count: number, from = start, make = (at: number) => stamp(at)): Data[][] {
  return Array.from({ length: count }, (_, i) => [make(from + i * quarter), u8(i % 3), u32(1000 + 7 * i)]);
}

/** A profile as a meter answers for it, with the ways that meters have. */
export class FakeProfile implements ProfileSource {
  readonly requests: string[] = [];
  readonly notices: string[] = [];
  lists = 0;
  cancelled = 0;
  lostAfterBlocks: number | undefined;
  readonly #options: FakeOptions;

  constructor(options: FakeOptions) {
    this.#options = options;
    this.lostAfterBlocks = options.lostAfterBlocks;
  }

  readonly clock = {
    now: () => this.requests.length * 10,
    wallTime: () => start,
    setTimer: () => undefined,
    clearTimer: () => undefined,
  };

  get negotiated() {
    const conformance = new Set(this.#options.conformance ?? ["get", "selective-access"]);
    return {
      conformance,
      applicationContext: { referencing: "logical-name", ciphering: false },
      peerMaxPduSize: 500,
    } as unknown as ProfileSource["negotiated"];
  }

  get columns() {
    return this.#options.columns ?? defaultColumns;
  }

  async getEncoded(attribute: AttributeReference): Promise<Uint8Array> {
    const [result] = await this.getList([{ attribute }]);
    if (result?.ok !== true) throw accessRefusal(4, "fake");
    return result.data;
  }

  async getList(items: readonly GetItem[]): Promise<readonly DataResult[]> {
    this.lists++;
    return items.map(({ attribute }) => {
      const data = this.#attribute(attribute);
      return data ? { ok: true, data: encodeData(data) } : { ok: false, result: 4 };
    });
  }

  async *getParts(
    _: AttributeReference,
    access?: SelectiveAccess,
    options?: ReadOptions,
  ): AsyncGenerator<ValuePart, void, undefined> {
    const parameters = access && decodeData(access.parameters);
    this.requests.push(access ? `selector ${access.selector}` : "whole");
    this.#options.onRequest?.(this.#options.rows);
    const buffer = encodeData(this.#select(access?.selector, parameters));
    const size = this.#options.blockOctets ?? 200;
    let finished = false;
    try {
      for (let at = 0, blockNumber = 1; at < buffer.length; at += size, blockNumber++) {
        await Promise.resolve();
        if (options?.signal?.aborted) throw dlmsError("aborted", "cancelled", { layer: "client" });
        if (this.lostAfterBlocks !== undefined && blockNumber > this.lostAfterBlocks)
          throw dlmsError("connection-lost", "the line is gone", { layer: "transport" });
        yield { data: buffer.slice(at, at + size), blockNumber, last: at + size >= buffer.length };
      }
      finished = true;
    } finally {
      if (!finished) this.cancelled++;
    }
  }

  notice(name: string): void {
    this.notices.push(name);
  }

  #attribute({ classId, instanceId, attributeId }: AttributeReference): Data | undefined {
    if (classId === 8) return this.#clockAttribute(attributeId);
    if (classId === 3 && attributeId === 3) return structure(i8(-3), enumeration(instanceId[2] === 2 ? 32 : 30));
    if (classId !== 7) return undefined;
    const { rows, capturePeriod = 900, sort = 1 } = this.#options;
    switch (attributeId) {
      case 3:
        return array(...this.columns.map(captured));
      case 4:
        return u32(capturePeriod);
      case 5:
        return enumeration(sort);
      case 7:
        return u32(rows.length);
      case 8:
        return u32(10_000);
      default:
        return undefined;
    }
  }

  #clockAttribute(attributeId: number): Data | undefined {
    const { clockOffset = 60 } = this.#options;
    if (clockOffset === null) return undefined;
    const rule = (month: number) =>
      octets(CosemDateTime.of({ month, dayOfMonth: 0xfe, dayOfWeek: 7, hour: month === 3 ? 2 : 3, minute: 0 }).octets);
    const values: Record<number, Data> = {
      2: stamp(start, { offset: clockOffset }),
      3: i16(-clockOffset),
      5: rule(3),
      6: rule(10),
      7: i8(60),
      8: { type: "boolean", value: true },
    };
    return values[attributeId];
  }

  #select(selector: number | undefined, parameters: Data | undefined): Data {
    const { rows, sort = 1, selectors = [1, 2], ignoresSelection, ignoresColumns } = this.#options;
    const ordered = sort === 2 ? [...rows].reverse() : rows;
    if (selector === undefined || ignoresSelection) return array(...ordered.map((row) => structure(...row)));
    if (!selectors.includes(selector) || parameters?.type !== "structure") throw accessRefusal(13, "fake");
    const [a, b, c, d] = parameters.value as [Data, Data, Data, Data];
    if (selector === 2) {
      const [from, to] = [(a as { value: number }).value, (b as { value: number }).value];
      const [first, last] = [(c as { value: number }).value, (d as { value: number }).value];
      const cut = ordered.slice(from - 1, to === 0 ? undefined : to);
      return array(...cut.map((row) => structure(...row.slice(first - 1, last === 0 ? undefined : last))));
    }
    const wanted = (d as { value: readonly Data[] }).value.map((column) => toHex(encodeData(column)));
    const all = this.columns.map((column) => toHex(encodeData(captured(column))));
    if (!all.includes(toHex(encodeData(a)))) throw accessRefusal(13, "fake");
    const indexes = wanted.length === 0 || ignoresColumns ? all.keys() : wanted.map((column) => all.indexOf(column));
    const picked = [...indexes];
    return array(...this.#inRange(ordered, b, c).map((row) => structure(...picked.map((i) => row[i] ?? nullData))));
  }

  #inRange(rows: readonly Data[][], fromData: Data, toData: Data): readonly Data[][] {
    const { takes = () => true, clockColumn = 0, excludesFrom, excludesTo } = this.#options;
    const [from, to] = [fromData, toData].map((data) => {
      if (data.type !== "octet-string") throw accessRefusal(12, "fake");
      return CosemDateTime.fromOctets(data.value);
    }) as [CosemDateTime, CosemDateTime];
    if (!takes(from) || !takes(to)) {
      if (this.#options.emptyInsteadOfRefusal) return [];
      throw accessRefusal(13, "fake");
    }
    let above = Number.NaN;
    return rows.filter((row) => {
      const cell = row[clockColumn];
      const time = cell?.type === "octet-string" ? this.#count(CosemDateTime.fromOctets(cell.value)) : above + quarter;
      above = time;
      const [low, high] = [this.#count(from), this.#count(to)];
      return (excludesFrom ? time > low : time >= low) && (excludesTo ? time < high : time <= high);
    });
  }

  #count(time: CosemDateTime): number {
    const offset = this.#options.clockOffset ?? 60;
    if (this.#options.localTimes) return time.localMs() ?? Number.NaN;
    return time.epochMs({ utcOffsetMinutes: offset }) ?? Number.NaN;
  }
}

function captured({ classId, obis, attributeId = 2, dataIndex = 0 }: FakeColumn): Data {
  return structure(u16(classId), octets(obis), i8(attributeId), u16(dataIndex));
}
