import type { ServerAssociation, ShortNames } from "../association/index.js";
import { Obis, type ObisLike } from "../cosem/index.js";
import { type Data, encodeData } from "../data/index.js";
import type { LogicalDevice } from "./device.js";

/** What a meter tells of one of its attributes. */
export interface MockEvent {
  readonly classId: number;
  readonly obis: ObisLike;
  readonly attributeId: number;
  /** What the attribute holds, when left out. */
  readonly value?: Data;
  /** Twelve octets (logical names), or GeneralizedTime in ASCII (short names); none when left out. */
  readonly dateTime?: Uint8Array;
  /** The client it is for, which has an association; all that have one when left out. */
  readonly client?: number;
}

type Notify = Extract<Parameters<ServerAssociation["send"]>[0], { type: "notify" }>;

/** What the services of an event need of the meter. */
export interface EventHost {
  readonly device: LogicalDevice;
  readonly shortNames: ShortNames;
  now(): number;
  isBySn(clientSap: number): boolean;
}

/**
 * The service that tells a client of an event: EventNotification with logical names, InformationReport with short
 * names (Green Book 9.3.11, 9.3.17). Undefined where the attribute has no value or no short name.
 */
export function eventFor(event: MockEvent, clientSap: number, host: EventHost): Notify | undefined {
  const { classId, attributeId, dateTime } = event;
  const instanceId = Obis.from(event.obis).octets;
  const context = { clientSap, protection: "none", signed: false, now: host.now(), device: host.device } as const;
  const held = event.value ?? host.device.find(instanceId)?.attributes.get(attributeId)?.get(context);
  if (held === undefined) return undefined;
  const value = held instanceof Uint8Array ? held : encodeData(held);
  const attribute = { classId, instanceId, attributeId };
  if (!host.isBySn(clientSap))
    return {
      type: "notify",
      notification: { kind: "event-notification", ...(dateTime && { dateTime }), attribute, value },
    };
  const name = host.shortNames.nameOf(attribute);
  if (name === undefined) return undefined;
  return {
    type: "notify",
    notification: { kind: "information-report", ...(dateTime && { time: dateTime }), variables: [{ name, value }] },
  };
}
