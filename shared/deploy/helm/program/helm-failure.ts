import type { LandfallError } from '../../../errors.ts';
import { HELM_RUN_MS, KUBERNETES_BUILD_MEMORY_BYTES } from '../../../limits.ts';
import { printableLines } from '../../../printable.ts';
import { deployFailed, deployUnavailable } from '../../kit/failures.ts';
import { withReason } from '../../kit/with-reason.ts';
import type { HelmEnd } from './helm.ts';

interface Meaning {
  readonly looks: RegExp;
  /** It may come right by itself, or by another deploy. */
  readonly passes: boolean;
  readonly hint: string;
}

/** What helm's words mean; the first that look like it. @see https://github.com/helm/helm/tree/main/pkg/action */
const MEANINGS: readonly Meaning[] = [
  {
    looks: /found in Chart\.yaml, but missing in charts\/ directory/,
    passes: false,
    hint: 'Nothing is fetched here: run `helm dependency update` before the chart is packed and pushed, so that its dependencies are in it.',
  },
  {
    looks: /outside the fence of the deploy/,
    passes: false,
    hint: 'Take the object out of the chart, by its values or its templates; or name where it may be in `fence` of the deploy.',
  },
  {
    looks:
      /Too long: (may not be more than|must have at most) 1048576 bytes|Request entity too large|rpc error.*too large|etcdserver: request is too large/,
    passes: false,
    hint: 'Helm keeps the chart, its values and what they come to in one Secret, of at most 1 MiB: leave out by .helmignore what the chart does not need, have fewer CRDs and files in it, or split it.',
  },
  {
    looks: /another operation .* is in progress/,
    passes: true,
    hint: 'Somebody else runs helm on this release: it is tried again.',
  },
  {
    looks: /invalid ownership metadata|cannot be imported into the current release/,
    passes: false,
    hint: 'The object is there already, and no release of this name keeps it: take it away, or have the release take it over: `takeOver: true`.',
  },
  {
    looks:
      /failed calling webhook|failed to call webhook|because it is being terminated|namespaces "[^"]*" not found/,
    passes: true,
    hint: 'It is tried again.',
  },
  {
    looks: /no matches for kind|ensure CRDs are installed first/,
    passes: true,
    hint: 'Its definition (CRD) is not in the cluster: put it into `crds` of the chart, or let a deploy that this one depends on install it.',
  },
  {
    looks: /Unauthorized|\(401\)/,
    passes: false,
    hint: 'The cluster does not know who we are: renew the token or certificate of the kubeconfig.',
  },
  {
    looks: /is forbidden|cannot (get|list|create|patch|delete) resource/,
    passes: false,
    hint: 'Give whom the deploy works as (its kubeconfig, its serviceAccount) that right, by a Role or ClusterRole; or leave the object out.',
  },
  {
    looks: /values don't meet the specifications of the schema/,
    passes: false,
    hint: 'Correct `values` of the deploy to what the chart wants.',
  },
  {
    looks: /failed to create typed patch object|not declared in schema|strict decoding error/,
    passes: false,
    hint: 'Correct the field that the message names, in the chart or by its values.',
  },
  {
    looks:
      /an error on the server|connection refused|connection reset|i\/o timeout|EOF$|Kubernetes cluster unreachable|too many requests|TooManyRequests|the server is currently unable|etcdserver: |the object has been modified|the API server cannot be asked/i,
    passes: true,
    hint: 'It is tried again; see whether the API server can be reached from here.',
  },
  {
    looks:
      /execution error at|parse error at|error calling|YAML parse error|failed to load|unable to build kubernetes objects/,
    passes: false,
    hint: 'Correct the chart or its values; `helm template` says the same.',
  },
];

const TIMED = /timed out waiting for the condition|context deadline exceeded|would exceed context deadline/;
const LONG_HOOKS = `Hooks and tests have to end within ${HELM_RUN_MS / 1000} seconds, since a visit is short: have what takes longer be a Job of the chart without a hook, which is waited for, run them one by one, for as long as the deploy may take, by \`longHooks: true\`, or leave them out by \`disableHooks\`.`;

/** What a shell says of a program that was killed. */
const KILLED = 128 + 9;
/** What a program of Go exits with that has no memory; one that has something to say exits with 1. */
const CRASHED = 2;
const MEMORY = `It most likely needs more than ${KUBERNETES_BUILD_MEMORY_BYTES / 1024 / 1024} MiB of memory: look for a template that repeats itself without an end.`;

/** A helm that ended badly, as an error that says what it was to do, its own words, and what to do next. */
export function helmFailure(what: string, { code, stderr, isOverdue }: HelmEnd): LandfallError {
  const said = stderr
    .split('\n')
    .filter((line) => !/^(WARNING|level=|time=|I\d{4} |W\d{4} )/.test(line))
    .join('\n')
    .replace(/^Error: /m, '');
  const how = `${what} ${isOverdue ? 'took too long' : `failed (${code ?? 'killed'})`}`;
  const told = withReason(how, printableLines(said.split('\n')));
  if (isOverdue) return deployFailed(told, { hint: LONG_HOOKS });
  if (code === null || code === KILLED)
    return deployUnavailable(told, {
      hint: 'Somebody killed it, or the machine has no memory left: it is tried again.',
    });
  if (code === CRASHED) return deployFailed(told, { hint: MEMORY });
  const meaning = MEANINGS.find(({ looks }) => looks.test(said));
  if (meaning?.passes === true) return deployUnavailable(told, { hint: meaning.hint });
  const hint = TIMED.test(said) ? LONG_HOOKS : 'Correct the chart or its values, and push another revision.';
  return deployFailed(told, { hint: meaning?.hint ?? hint });
}
