import Argon2, { Argon2Type } from "@phi-ag/argon2";
import wasm from "@phi-ag/argon2/argon2.wasm";
import type { PasswordPort } from "../core/identity-context.ts";

/** 19 MiB, two passes, one lane: OWASP's second recommendation for argon2id. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, hashLength: 32 } as const;
const PREFIX = "$argon2id$v=19$m=19456,t=2,p=1$";
/** The hash of a password that nobody has, so that an unknown person costs the same time. */
const NOBODY = `${PREFIX}AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`;

let instance: Promise<Argon2> | undefined;

/** One instance per isolate, since its memory is never given back. */
const argon2 = () => (instance ??= WebAssembly.instantiate(wasm).then((one) => new Argon2(one)));

/** Hashes passwords with argon2id. */
export const passwordHasher: PasswordPort = {
  async hash(password) {
    return (await argon2()).hash(password, { ...PARAMETERS, type: Argon2Type.Argon2id }).encoded;
  },
  async verify(hash, password) {
    const { success } = (await argon2()).tryVerify(hash ?? NOBODY, password, Argon2Type.Argon2id);
    return success && hash !== null;
  },
  isOutdated: (hash) => !hash.startsWith(PREFIX),
};
