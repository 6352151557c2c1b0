import { describe } from "vitest";
import { type PortListener, ptyListener, serial, tcp, tcpListener, udp, udpListener } from "../../src/node/index.js";
import type { Endpoint, Listener, Transport } from "../../src/transport/index.js";
import { transportContract } from "../transport/transport-contract.js";

/** Listens, and joins what `endpoint` makes to what the listener accepts. */
export async function join<L extends Listener>(listener: L, endpoint: (listener: L) => Endpoint) {
  const accepted: Transport[] = [];
  let wake = () => {};
  await listener.listen((transport) => {
    accepted.push(transport);
    wake();
  });
  const near = endpoint(listener).createTransport();
  const far = () =>
    new Promise<Transport>((resolve) => {
      wake = () => accepted[0] !== undefined && resolve(accepted[0]);
      wake();
    });
  const end = async () => {
    await near.close();
    await accepted[0]?.close();
    await listener.close();
  };
  return { near, far, end };
}

const local = (listener: PortListener) => ({ host: "127.0.0.1", port: listener.port });

transportContract("TCP", () => join(tcpListener({ port: 0 }), (listener) => tcp(local(listener))));
transportContract("UDP", () => join(udpListener({ port: 0 }), (listener) => udp(local(listener))), { hangUp: false });

describe.runIf(process.platform !== "win32")("pseudo-terminal", () => {
  transportContract(
    "serialport on a pseudo-terminal",
    () => join(ptyListener(), (listener) => serial({ path: listener.path })),
    { hangUp: false },
  );
});
