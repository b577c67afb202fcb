import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { writeEndlessly } from '../../support/artifacts/endless.ts';

const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
type Role = (typeof ROLES)[number];
type Json = Readonly<Record<string, unknown>>;

/** @see https://wiki.laptop.org/go/Canonical_JSON, of what this file writes */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

const DAY_MS = 86_400_000;
const inDays = (days: number): string =>
  `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 19)}Z`;
const publicOf = (key: KeyObject): string => key.export({ format: 'jwk' }).x ?? '';
const hashOf = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');

export interface Published {
  readonly versions?: Partial<Record<Role, number>>;
  /** Days from now. */
  readonly expires?: Partial<Record<Role, number>>;
  /** Signs with a key that is nobody's. */
  readonly forged?: Role;
  /** What the target is called; default trusted_root.json. */
  readonly name?: string;
  /** What the target's metadata says, where that is something else than it is. */
  readonly said?: { readonly length?: number; readonly sha256?: string };
}

type Answer = string | { readonly status: number; readonly location?: string } | 'endless' | 'silent';

/**
 * A repository of TUF with keys of its own, as its clients find it at a mirror.
 * @see https://theupdateframework.github.io/specification/latest/#file-formats
 */
export class TufRepository {
  readonly #keys = new Map<Role, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>();
  readonly #nobody = generateKeyPairSync('ed25519');
  /** By path. */
  readonly files = new Map<string, Answer>();
  readonly requests: string[] = [];
  /** The root.json that clients begin with. */
  readonly first: string;

  constructor() {
    for (const role of ROLES) this.#keys.set(role, generateKeyPairSync('ed25519'));
    this.first = this.#root(1, {});
  }

  #signed(role: Role, signed: Json, { forged }: Published): string {
    const { privateKey } = (forged === role ? this.#nobody : this.#keys.get(role)) ?? this.#nobody;
    const sig = sign(null, Buffer.from(canonical(signed)), privateKey).toString('hex');
    return JSON.stringify({ signatures: [{ keyid: `key-of-${role}`, sig }], signed });
  }

  #common(role: Role, version: number, { expires }: Published): Json {
    return { _type: role, spec_version: '1.0.31', version, expires: inDays(expires?.[role] ?? 7) };
  }

  #root(version: number, published: Published): string {
    const keys = ROLES.map((role) => {
      const x = Buffer.from(publicOf(this.#keys.get(role)?.publicKey ?? this.#nobody.publicKey), 'base64url');
      return [
        `key-of-${role}`,
        { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: x.toString('hex') } },
      ];
    });
    const roles = ROLES.map((role) => [role, { keyids: [`key-of-${role}`], threshold: 1 }]);
    const signed = {
      ...this.#common('root', version, { expires: { root: 365 }, ...published }),
      consistent_snapshot: true,
      keys: Object.fromEntries(keys),
      roles: Object.fromEntries(roles),
    };
    return this.#signed('root', signed, published);
  }

  /** Has a trusted root at the mirror. */
  publish(target: string, published: Published = {}): this {
    const { versions = {}, said = {}, name = 'trusted_root.json' } = published;
    const { root = 1, timestamp = 1, snapshot = 1, targets = 1 } = versions;
    for (let version = 2; version <= root; version += 1)
      this.files.set(`${version}.root.json`, this.#root(version, version === root ? published : {}));
    const sha256 = hashOf(target);
    const named = {
      length: said.length ?? Buffer.byteLength(target),
      hashes: { sha256: said.sha256 ?? sha256 },
    };
    const listing = this.#signed(
      'targets',
      { ...this.#common('targets', targets, published), targets: { [name]: named } },
      published,
    );
    this.files.set(`${targets}.targets.json`, listing);
    const shot = this.#signed(
      'snapshot',
      { ...this.#common('snapshot', snapshot, published), meta: { 'targets.json': { version: targets } } },
      published,
    );
    this.files.set(`${snapshot}.snapshot.json`, shot);
    const stamp = this.#signed(
      'timestamp',
      {
        ...this.#common('timestamp', timestamp, published),
        meta: { 'snapshot.json': { version: snapshot } },
      },
      published,
    );
    this.files.set('timestamp.json', stamp);
    this.files.set(`targets/${said.sha256 ?? sha256}.trusted_root.json`, target);
    return this;
  }

  /** Its URL, while the test runs. */
  async open(t: TestContext): Promise<string> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '').slice(1);
      this.requests.push(path);
      const answer = this.files.get(path) ?? { status: 404 };
      if (answer === 'silent') return;
      if (answer === 'endless') writeEndlessly(response, 'x'.repeat(65_536));
      else if (typeof answer === 'string') response.end(answer);
      else {
        response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location });
        response.end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}
