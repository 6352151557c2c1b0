import {
  line8n1,
  lineModel,
  memoryLink,
  memoryPair,
  shapedTransport,
  type Transport,
  VirtualClock,
} from "../../src/transport/index.js";
import { transportContract } from "./transport-contract.js";

const nothing = async () => {};

transportContract("memory pair", async () => {
  const [near, far] = memoryPair();
  return { near, far: async () => far, end: nothing };
});

transportContract("memory pair of datagrams", async () => {
  const [near, far] = memoryPair({ datagrams: true });
  return { near, far: async () => far, end: nothing };
});

const clock = new VirtualClock();
const run = <T>(promise: Promise<T>) => clock.run(promise);

transportContract(
  "modelled line",
  async () => {
    const { near, far } = lineModel({ clock, line: line8n1(9600), latencyMs: 3, turnaroundMs: 5 });
    return { near, far: async () => far, end: nothing };
  },
  { run, largest: 10_000 },
);

transportContract(
  "memory link",
  async () => {
    const { endpoint, listener } = memoryLink({ clock, latencyMs: 20 });
    const accepted: Transport[] = [];
    await listener.listen((transport) => accepted.push(transport));
    return { near: endpoint.createTransport(), far: async () => accepted[0]!, end: () => listener.close() };
  },
  { run },
);

transportContract(
  "shaped transport",
  async () => {
    const [outside, inside] = memoryPair({ clock });
    return { near: shapedTransport(outside, { latencyMs: 10 }), far: async () => inside, end: nothing };
  },
  { run },
);
