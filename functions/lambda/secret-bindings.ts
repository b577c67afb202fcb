import * as z from 'zod/mini';
import type { ConfigurationInForce } from '../../shared/aws/configuration/configuration-in-force.ts';
import type { SecretBinding } from '../../shared/credentials/secret-binding.ts';
import { LandfallError } from '../../shared/errors.ts';
import { parseJson } from '../../shared/kernel/json.ts';
import { matched } from '../../shared/kernel/matched.ts';

/** The variable that the construct sets: a list of bindings as JSON. */
export const BINDINGS_VARIABLE = 'LANDFALL_SECRETS';

const texts = z.optional(z.array(z.string()));
const schema = z.array(
  z.object({
    secretsManager: texts,
    ssm: texts,
    registries: z.array(z.string()),
    namespaces: texts,
    tokenServices: texts,
    insecure: z.optional(z.boolean()),
  }),
);

/**
 * Which secret may go where. Where the variable is not set, no secret may go anywhere.
 * @throws LandfallError CONFIG_INVALID where it is no list of bindings
 */
export function readBindings(env: Readonly<Record<string, string | undefined>>): readonly SecretBinding[] {
  const parsed = parseJson(env[BINDINGS_VARIABLE] ?? '[]');
  const read = matched(parsed.ok ? parsed.value : undefined, schema);
  if (read.ok) return read.data;
  throw new LandfallError('CONFIG_INVALID', `environment variable ${BINDINGS_VARIABLE}: ${read.why}`, {
    hint: 'Deploy the function with the Landfall construct, which sets it.',
  });
}

/** Every source's repository says whose it is, so that a secret can be held back from other teams' sources. */
export const withNamespaces = (inForce: ConfigurationInForce): ConfigurationInForce => ({
  ...inForce,
  sourceOf: (id) => {
    const source = inForce.sourceOf(id);
    if (source === undefined) return undefined;
    const { registry, repository } = source.repository;
    return { ...source, repository: { registry, repository, namespace: source.namespace } };
  },
});
