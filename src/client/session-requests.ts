import type {
  AccessItemResult,
  DataResult,
  Notification,
  ServiceRequest,
  ServiceResponse,
} from "../association/index.js";
import type { Settings } from "./settings.js";
import { associationNameBySn, type ShortNameTable } from "./short-names.js";
import type { Wire } from "./wire.js";

/** The logical name of the current association: every meter has it, and its value is known. */
export function cheapGet(byShortName: boolean): ServiceRequest {
  const byName = { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), attributeId: 1 };
  return { service: "get", items: [{ attribute: byShortName ? associationNameBySn : byName }] };
}

/** What a response brought: octets of data, and items that were refused. */
export function outcome(response: ServiceResponse): { readonly bytes: number; readonly refused: number } {
  let bytes = 0;
  let refused = 0;
  for (const result of response.results) {
    if (typeof result === "number") refused += result === 0 ? 0 : 1;
    else if ("result" in result && result.result !== 0) refused++;
    else {
      const data = "ok" in result ? result : "kind" in result ? carried(result) : result.returned;
      if (data?.ok === true) bytes += data.data.length;
    }
  }
  return { bytes, refused };
}

/** What an item of an ACCESS brought. */
function carried({ data }: AccessItemResult): DataResult | undefined {
  return data && { ok: true, data };
}

/** The notification with what its short names stand for. */
export function named(notification: Notification, names: ShortNameTable | undefined): Notification {
  if (notification.kind !== "information-report" || names === undefined) return notification;
  const variables = notification.variables.map((variable) => {
    const attribute = names.attributeOf(variable.name);
    return attribute === undefined ? variable : { ...variable, attribute };
  });
  return { ...notification, variables };
}

/** What a recording of a session begins with. */
export function recordingStart({ endpoint, transport }: Wire, { client, server }: Settings) {
  return {
    startedAt: new Date(transport.clock.wallTime()).toISOString(),
    link: endpoint.link,
    signOn: endpoint.signOn,
    datagrams: transport.datagrams,
    ...(transport.line !== undefined && { line: transport.line }),
    client,
    server,
  };
}
