import { describe } from "vitest";
import { type PortListener, ptyListener, serial, tcp, tcpListener, udp, udpListener } from "../../src/node/index.js";
import { transportContract } from "../transport/transport-contract.js";
import { join } from "./join.js";

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
