import { dlmsError, toHex } from "../../base/index.js";
import {
  Obis,
  type ObisLike,
  PushOperation,
  PushSetup,
  PushSetupV0,
  PushSetupV1,
  PushSetupV2,
  PushTransport,
} from "../../cosem/index.js";
import {
  array,
  type Data,
  decodeData,
  enumeration,
  i8,
  nullData,
  octets,
  structure,
  u16,
  u32,
} from "../../data/index.js";
import type { MockObject, RequestContext } from "../object.js";
import { object, type TableObject } from "../table-object.js";

/** One attribute to push. */
export interface PushedAttribute {
  readonly classId: number;
  readonly obis: ObisLike;
  /** 0 for all attributes. */
  readonly attributeId: number;
  /** Element of an array or structure, counted from 1. Default 0: all of it. */
  readonly dataIndex?: number;
}

/** A Push setup object of the mock meter. Clients may write what it holds. */
export interface PushSetupOptions {
  /** Default `0-0:25.9.0*255`. */
  readonly logicalName?: ObisLike;
  /** Default 3. */
  readonly version?: 0 | 1 | 2 | 3;
  readonly objects: readonly PushedAttribute[];
  readonly transport?: keyof typeof PushTransport;
  /** Address as the transport writes it: `10.0.0.1:4059`. Default none. */
  readonly destination?: string;
  /** Address of the client. Default 16; carried by version 1 and newer. */
  readonly client?: number;
  /** Attempts after the first. Default 0. */
  readonly retries?: number;
  /** Seconds before each of them. Default 0. */
  readonly repetitionDelay?: number;
  /** Factor by which the delay grows from attempt to attempt, and the longest delay in seconds: version 2 and newer. */
  readonly delayGrowth?: { readonly factor: number; readonly most: number };
  /** When it is tried again; `confirmed` asks for a DataNotification-confirm. Version 2 and newer. */
  readonly operation?: keyof typeof PushOperation;
}

/** What a Push setup says now, whatever its version. */
export interface PushPlan {
  readonly values: readonly Data[];
  readonly destination: PushDestination;
  readonly client: number | undefined;
  readonly confirmed: boolean | undefined;
  readonly retries: number;
  /** Milliseconds before the attempt behind the given one, counted from 1. */
  delayMs(attempt: number): number;
}

/** Where a Push setup sends. */
export interface PushDestination {
  /** Number of the transport service: `PushTransport`. */
  readonly transport: number;
  readonly address: string;
}

const classId = 40;
const tables = [PushSetupV0, PushSetupV1, PushSetupV2, PushSetup] as const;
const wholeList = { restrictionType: 0, restrictionValue: null };

/** A Push setup object, and what is called when a client invokes its method. */
export interface PushSetupObject extends TableObject<typeof PushSetup> {
  /** Set by the meter that holds the object. */
  readonly onPush: { run: ((context: RequestContext) => void) | undefined };
}

/** @throws UsageError `invalid-obis`, `value-does-not-fit`. */
export function pushSetupObject(options: PushSetupOptions): PushSetupObject {
  const { logicalName = "0-0:25.9.0*255", version = 3 } = options;
  const onPush: PushSetupObject["onPush"] = { run: undefined };
  const values = version === 3 ? asData(options) : typedValues(options, version);
  const writable = Object.keys(values).map((name) => [name, true] as const);
  const made = object(tables[version] as unknown as typeof PushSetup, logicalName, values as object, {
    set: Object.fromEntries(writable),
    methods: { push: (_: unknown, context: RequestContext) => onPush.run?.(context) } as object,
  });
  return { ...made, onPush };
}

/** True for what `pushSetupObject` made. */
export function isPushSetup(candidate: MockObject): candidate is PushSetupObject {
  return candidate.classId === classId && "onPush" in candidate;
}

/** Reads a Push setup and the attributes that it names. @throws UsageError `invalid-argument` when it is none. */
export function readPushSetup(setup: MockObject | undefined, context: RequestContext): PushPlan {
  if (setup?.classId !== classId)
    throw dlmsError("invalid-argument", "the meter has no such Push setup", { layer: "mock" });
  const read = (id: number) => attributeOf(setup, id, context);
  const destination = itemsOf(read(3));
  const operation = numberOf(read(11));
  return {
    values: itemsOf(read(2)).map((element) => pushedValue(element, context)),
    destination: { transport: numberOf(destination[0]) ?? 0, address: addressOf(destination[1]) },
    client: numberOf(read(9)),
    confirmed: operation === undefined ? undefined : operation === PushOperation.confirmed,
    retries: numberOf(read(6)) ?? 0,
    delayMs: delayOf(read(7)),
  };
}

/** Version 0 and 1 have one delay; newer ones a least, its growth in hundredths, and a most, in seconds. */
function delayOf(delay: Data | undefined): PushPlan["delayMs"] {
  const [least = 0, growth = 100, most = Number.POSITIVE_INFINITY] =
    delay?.type === "structure" ? delay.value.map((item) => numberOf(item) ?? 0) : [numberOf(delay) ?? 0];
  return (attempt) => 1000 * Math.min(least * (growth / 100) ** (attempt - 1), most);
}

function pushedValue(element: Data, context: RequestContext): Data {
  const [id, name, attribute, index] = itemsOf(element);
  const target = name?.type === "octet-string" ? context.device.find(name.value) : undefined;
  const attributeId = numberOf(attribute);
  if (target === undefined || attributeId === undefined || target.classId !== numberOf(id)) return nullData;
  if (attributeId === 0)
    return structure(...[...target.attributes.keys()].map((each) => attributeOf(target, each, context) ?? nullData));
  const value = attributeOf(target, attributeId, context) ?? nullData;
  const at = numberOf(index) ?? 0;
  return at === 0 ? value : (itemsOf(value)[at - 1] ?? nullData);
}

/** Undefined where there is no such attribute, or nothing to read. */
function attributeOf(target: MockObject, id: number, context: RequestContext): Data | undefined {
  try {
    const value = target.attributes.get(id)?.get(context);
    return value instanceof Uint8Array ? decodeData(value) : value;
  } catch {
    return undefined;
  }
}

function typedValues(options: PushSetupOptions, version: 0 | 1 | 2) {
  const { transport = "tcp", destination = "", retries = 0, repetitionDelay = 0, client = 16 } = options;
  const { factor, most } = { factor: 1, most: 0xffff, ...options.delayGrowth };
  return {
    pushObjectList: options.objects.map(({ classId: id, obis, attributeId, dataIndex = 0 }) => ({
      classId: id,
      logicalName: Obis.from(obis),
      attributeIndex: attributeId,
      dataIndex,
      ...(version > 0 && { restriction: wholeList }),
      ...(version > 1 && { columns: [] }),
    })),
    sendDestinationAndMethod: { transportService: transport, destination: ascii(destination), message: "a-xdr" },
    communicationWindow: [],
    randomisationStartInterval: 0,
    numberOfRetries: retries,
    repetitionDelay:
      version < 2
        ? repetitionDelay
        : {
            repetitionDelayMin: repetitionDelay,
            repetitionDelayExponent: Math.round(100 * factor),
            repetitionDelayMax: most,
          },
    ...(version > 0 && {
      portReference: Obis.from("0-0:25.0.0*255"),
      pushClientSap: client,
      pushProtectionParameters: [],
    }),
    ...(version > 1 && { pushOperationMethod: options.operation ?? "retry-on-supporting-layer-failure" }),
  };
}

/** Version 3, whose composite attributes are Data in the class table. */
function asData(options: PushSetupOptions) {
  const { transport = "tcp", destination = "", repetitionDelay = 0 } = options;
  const { factor, most } = { factor: 1, most: 0xffff, ...options.delayGrowth };
  const { communicationWindow, randomisationStartInterval, numberOfRetries, portReference, pushClientSap } =
    typedValues(options, 2) as Readonly<Record<string, unknown>>;
  return {
    pushObjectList: array(
      ...options.objects.map(({ classId: id, obis, attributeId, dataIndex = 0 }) =>
        structure(
          u16(id),
          octets(Obis.from(obis).octets),
          i8(attributeId),
          u16(dataIndex),
          structure(enumeration(0), nullData),
          array(),
        ),
      ),
    ),
    sendDestinationAndMethod: structure(
      enumeration(PushTransport[transport]),
      octets(ascii(destination)),
      enumeration(0),
    ),
    communicationWindow,
    randomisationStartInterval,
    numberOfRetries,
    repetitionDelay: structure(u16(repetitionDelay), u16(Math.round(100 * factor)), u16(most)),
    portReference,
    pushClientSap,
    pushProtectionParameters: array(),
    pushOperationMethod: options.operation ?? "retry-on-supporting-layer-failure",
    confirmationParameters: structure(nullData, u32(0)),
  };
}

function itemsOf(data: Data | undefined): readonly Data[] {
  return data?.type === "array" || data?.type === "structure" ? data.value : [];
}

function numberOf(data: Data | undefined): number | undefined {
  return data !== undefined && "value" in data && typeof data.value === "number" ? data.value : undefined;
}

function addressOf(data: Data | undefined): string {
  if (data?.type !== "octet-string") return "";
  const printable = data.value.every((octet) => octet >= 0x20 && octet < 0x7f);
  return printable ? String.fromCharCode(...data.value) : toHex(data.value);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
