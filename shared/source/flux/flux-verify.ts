import * as z from 'zod';
import { wholeMatcher } from '../../resolve/whole-matcher.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { formatPlace, type Problem } from '../problem.ts';
import { refusedWhen, textFor } from '../schema/schema-fields.ts';
import { notationRefusal } from '../schema/schema-verify.ts';
import type { Notice } from '../source.ts';
import type { FluxSecrets } from './secrets.ts';

const ANYBODY =
  'wanted secretRef or matchOIDCIdentity: without either Flux takes a signature of anybody who has an account';

/** @see https://github.com/fluxcd/source-controller/blob/main/docs/spec/v1/ocirepositories.md#verification */
export const fluxVerify = z
  .strictObject({
    provider: z.enum(['cosign', 'notation']).default('cosign').check(refusedWhen(notationRefusal)),
    secretRef: z.looseObject({ name: z.string().min(1) }).exactOptional(),
    matchOIDCIdentity: z
      .array(z.strictObject({ issuer: textFor(wholeMatcher), subject: textFor(wholeMatcher) }))
      .default([]),
  })
  .check(
    refusedWhen(({ secretRef, matchOIDCIdentity = [] }) =>
      secretRef === undefined && matchOIDCIdentity.length === 0 ? { message: ANYBODY } : undefined,
    ),
  );

/** What an object says of who has to have signed, and where it says so. */
export interface VerifySpec {
  readonly spec: z.output<typeof fluxVerify>;
  readonly namespace: string;
  readonly document: YamlDocument;
}

type Mapped =
  | { readonly verify: Readonly<Record<string, unknown>>; readonly notices: readonly Notice[] }
  | { readonly problem: Problem };

const isAnchored = (pattern: string): boolean => pattern.startsWith('^') && pattern.endsWith('$');

function problemAt({ document }: VerifySpec, message: string): Mapped {
  return {
    problem: {
      ...document.placeOfKey(['spec'], 'verify'),
      path: 'spec.verify',
      message,
      code: 'CONFIG_INVALID',
    },
  };
}

/** Flux takes every entry of the Secret whose name ends in `.pub`, and looks at no log. */
function keyed(verify: VerifySpec, name: string, secrets: FluxSecrets): Mapped {
  const id = `${verify.namespace}/${name}`;
  const secret = secrets.byId.get(id);
  if (secret === undefined)
    return problemAt(
      verify,
      `Secret ${id} has the keys and is in none of the documents: add it, or write a source with verify.keys`,
    );
  const keys = [...secret.values].flatMap(([key, pem]) => (key.endsWith('.pub') ? [{ pem }] : []));
  if (keys.length === 0) return problemAt(verify, `Secret ${id} has no entry whose name ends in .pub`);
  return { verify: { provider: 'cosign', keys, transparencyLog: false }, notices: [] };
}

/** What spec.verify comes to, in the form of our own document. */
export function mapVerify(verify: VerifySpec, secrets: FluxSecrets): Mapped {
  const { spec, document } = verify;
  if (spec.secretRef !== undefined) return keyed(verify, spec.secretRef.name, secrets);
  const loose = spec.matchOIDCIdentity
    .flatMap(({ issuer, subject }) => [issuer, subject])
    .filter((each) => !isAnchored(each));
  const place = formatPlace(document.placeOfKey(['spec'], 'verify'));
  const message =
    'the whole of issuer and subject has to match here; Flux also takes those that a part of matches, unless written ^…$';
  return {
    verify: {
      provider: 'cosign',
      identities: spec.matchOIDCIdentity.map(({ issuer, subject }) => ({
        issuerPattern: issuer,
        subjectPattern: subject,
      })),
    },
    notices: loose.length > 0 ? [{ place, message }] : [],
  };
}
