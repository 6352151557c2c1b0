import {
  type MockMeter,
  type MockMeterOptions,
  mockClientSaps,
  type PushCarrier,
  type PusherOptions,
  pushSetupObject,
} from "../mock/index.js";
import { serial, tcp, tls, udp } from "../node/index.js";
import { type Endpoint, line8n1 } from "../transport/index.js";
import { hostPort, invalid, wholeNumber } from "./link-options.js";
import { type TlsFlags, tlsTrust, wantsTls } from "./tls-files.js";

/** What makes a mock meter call others instead of waiting for them. */
export interface MockPushFlags extends TlsFlags {
  readonly dial?: string;
  readonly pushTo?: string;
  readonly carrier?: string;
  readonly pushEvery?: string;
  readonly confirmed?: boolean;
  readonly hdlc?: boolean;
  readonly baud?: string;
}

const pushSetup = "0-0:25.9.0*255";
const carriers = ["wrapper", "hdlc-ui", "hdlc-i", "mbus"] as const;

/** True when the meter is to call somebody. */
export function callsOut({ dial, pushTo }: MockPushFlags): boolean {
  return dial !== undefined || pushTo !== undefined;
}

/** A Push setup with what a head-end wants to know, which names its own values. */
export function withPushSetup(options: MockMeterOptions, { confirmed }: MockPushFlags): MockMeterOptions {
  const setup = pushSetupObject({
    logicalName: pushSetup,
    client: mockClientSaps.management,
    retries: 3,
    repetitionDelay: 5,
    operation: confirmed === true ? "confirmed" : "retry-on-supporting-layer-failure",
    objects: [
      { classId: 40, obis: pushSetup, attributeId: 2 },
      { classId: 8, obis: "0-0:1.0.0*255", attributeId: 2 },
      { classId: 1, obis: "0-0:42.0.0*255", attributeId: 2 },
      { classId: 3, obis: "1-0:1.8.0*255", attributeId: 2 },
      { classId: 3, obis: "1-0:1.8.0*255", attributeId: 3 },
    ],
  });
  return { ...options, objects: [...(options.objects ?? []), setup] };
}

/** Dials in, or pushes, until `stopped`; tells where on standard output. */
export async function callOut(meter: MockMeter, flags: MockPushFlags, stopped: Promise<void>): Promise<void> {
  const everyMs = 1000 * wholeNumber("--push-every", flags.pushEvery ?? "60", 1, 86_400);
  const client = mockClientSaps.management;
  let push = () => {};
  if (flags.dial !== undefined) {
    const endpoint = dialled(flags.dial, flags);
    await meter.dial(endpoint, { redialMs: 5_000 });
    process.stdout.write(`dialled ${endpoint.createTransport().name}\n`);
    if (flags.pushEvery !== undefined) push = () => void meter.pushBySetup(pushSetup, client);
  } else {
    const [line, carrier] = lineOf(flags);
    const pusher = meter.pusher(line, { ...carrier, client });
    process.stdout.write(`pushes to ${line.createTransport().name}\n`);
    push = () =>
      void pusher.push(pushSetup).then(({ attempts, confirmed, error }) => {
        const outcome = error === undefined ? (confirmed ? "confirmed" : "sent") : `${error.code}: ${error.message}`;
        process.stderr.write(`push: ${outcome}, ${attempts} attempt(s)\n`);
      });
  }
  push();
  const timer = setInterval(push, everyMs);
  await stopped;
  clearInterval(timer);
}

function dialled(target: string, flags: MockPushFlags): Endpoint {
  const { host, port } = hostPort(target);
  const link = flags.hdlc === true ? "hdlc" : "wrapper";
  if (!wantsTls({ ...flags, tcp: target })) return tcp({ host, port, link });
  return tls({ host, port, link, ...tlsTrust(flags) });
}

function lineOf(flags: MockPushFlags): readonly [Endpoint, PusherOptions] {
  const { pushTo = "", carrier: name } = flags;
  const carrier = carriers.find((known) => known === name);
  if (name !== undefined && carrier === undefined)
    throw invalid(`--carrier ${name}`, `It is one of ${carriers.join(", ")}.`);
  const framed = (kind: (typeof carriers)[number]) => ({ carrier: { kind } as PushCarrier });
  const [, scheme, where = ""] = /^(tcp|udp):(.+)$/.exec(pushTo) ?? [];
  if (scheme === "udp") return [udp(hostPort(where)), framed("wrapper")];
  if (scheme === "tcp")
    return [dialled(where, flags), framed(carrier ?? (flags.hdlc === true ? "hdlc-ui" : "wrapper"))];
  if (carrier === "wrapper") throw invalid("--carrier wrapper", "A serial line carries hdlc-ui, hdlc-i or mbus.");
  const line = line8n1(wholeNumber("--baud", flags.baud ?? "9600", 300, 4_000_000));
  return [serial({ path: pushTo, line }), framed(carrier ?? "hdlc-ui")];
}
