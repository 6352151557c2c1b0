// The library and nothing asked of it: what compiling its own sources costs, which users of the package never pay.
import type * as cosem from "../../src/cosem/index.js";
import type { Meter } from "../../src/index.js";

export type { cosem, Meter };
