import type { Command } from 'commander';
import { machineTrust } from '../../local/trust/machine-trust.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CredentialEntry } from '../../shared/credentials/credential-entry.ts';
import { LandfallError } from '../../shared/errors.ts';
import { signerName } from '../../shared/model/verification.ts';
import { formatRevision } from '../../shared/oci/revision.ts';
import { parseTypedReference } from '../../shared/oci/typed-reference.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import { policiesInForce } from '../../shared/verify/in-force/policies-in-force.ts';
import type { IdentityRule, VerifyPolicy } from '../../shared/verify/policy/policy.ts';
import { notVerified, type Survey, surveySignatures } from '../../shared/verify/verify.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addPolicyOption, type PolicyOptions } from '../options/policy-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { parseSourceId } from '../options/source-id.ts';
import { findSource, noSource } from '../source-documents.ts';
import { reportError } from '../terminal/report-error.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface VerifyOptions extends RegistryOptions, PolicyOptions {
  readonly key: readonly string[];
  readonly issuer?: string;
  readonly subject?: string;
  readonly trustedRoot?: string;
  readonly transparencyLog: boolean;
  readonly source?: string;
  readonly file: readonly string[];
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Says who signed what a tag stands for, when, and how that is known; what does not count, and why. With keys, an identity
or the policy of a source it ends with 1 where they did not sign as it wants; without, it only says.

Examples:
  landfall verify oci://ghcr.io/team/app:1.4.0
  landfall verify oci://ghcr.io/team/app:1.4.0 --key cosign.pub --no-transparency-log
  landfall verify oci://ghcr.io/team/app:1.4.0 --issuer https://token.actions.githubusercontent.com \\
    --subject https://github.com/team/app/.github/workflows/release.yml@refs/heads/main
  landfall verify oci://ghcr.io/team/app:1.4.0 --source web/app -f sources.yaml`;

const ANYBODY: IdentityRule = { issuerPattern: '(?s).*', subjectPattern: '(?s).*' };

function identityOf({ issuer, subject }: VerifyOptions): readonly IdentityRule[] {
  if ((issuer === undefined) !== (subject === undefined))
    throw new LandfallError(
      'USAGE',
      '--issuer and --subject say together who may sign; one of them is missing',
    );
  return issuer === undefined || subject === undefined ? [] : [{ issuer, subject }];
}

/** Of whom it is asked, and how registries are reached. Without policies all that is there is told. */
interface Given {
  readonly policies: readonly VerifyPolicy[];
  readonly credentials: readonly CredentialEntry[];
}

/** What would be left unread in silence, beside who is asked for in the other way. @throws LandfallError USAGE */
function refuseUnread({ key, source, file, policies, ...options }: VerifyOptions): void {
  const { issuer, subject, trustedRoot, transparencyLog } = options;
  const isOwn = [issuer, subject, trustedRoot].some((each) => each !== undefined) || key.length > 0;
  if (source !== undefined && (isOwn || !transparencyLog))
    throw new LandfallError(
      'USAGE',
      '--source says who has to have signed; what else does is given beside it',
    );
  if (source !== undefined && file.length === 0)
    throw new LandfallError('USAGE', '--source is a source of documents, and -f is missing', {
      hint: 'Add -f with the document that it is in, or a folder of documents.',
    });
  if (source === undefined && file.length + policies.length > 0)
    throw new LandfallError('USAGE', '-f and --policies are read for a source, and --source is missing');
}

async function policiesGiven(options: VerifyOptions, { stderr }: Terminal): Promise<Given> {
  const { key, source, trustedRoot, transparencyLog } = options;
  refuseUnread(options);
  if (source !== undefined) {
    const id = parseSourceId(source);
    const { source: found, configuration } = await findSource(id, options, { stderr });
    if (found === undefined) throw noSource(id, options.file, configuration);
    const { verify: own, policies = [] } = found;
    const all = own === undefined ? policies : [own, ...policies];
    if (all.length > 0) return { policies: all, credentials: configuration.credentials };
    throw new LandfallError('USAGE', `source ${source} has no policy of who has to sign`, {
      hint: 'Add verify to its document, or give --key, or --issuer and --subject.',
    });
  }
  const identities = identityOf(options);
  if (key.length + identities.length === 0) return { policies: [], credentials: [] };
  const policy: VerifyPolicy = {
    provider: 'cosign',
    keys: key.map((given) => (given.startsWith('awskms://') ? { kms: given } : { file: given })),
    identities,
    transparencyLog,
    require: 'all',
    ...(trustedRoot !== undefined && { trustedRoot: { file: trustedRoot } }),
  };
  return { policies: [policy], credentials: [] };
}

/** All that can be told of signatures where nobody is asked for. */
const told = (trustedRoot: string | undefined): VerifyPolicy => ({
  provider: 'cosign',
  keys: [],
  identities: [ANYBODY],
  transparencyLog: true,
  require: 'all',
  ...(trustedRoot !== undefined && { trustedRoot: { file: trustedRoot } }),
});

function write(
  { stdout }: Terminal,
  revision: string,
  { judged, passed, roots }: Pick<Survey, 'judged' | 'passed'> & { readonly roots: readonly string[] },
): void {
  writeLine(stdout, revision);
  for (const root of roots) writeLine(stdout, `  by the trusted root of ${root}`);
  for (const { signature } of judged) {
    const { signer, signedAt, logIndex, found } = signature;
    const when = signedAt === null ? '' : `, ${signedAt}`;
    const log = logIndex === null ? ', in no log that was looked at' : `, log entry ${logIndex}`;
    writeLine(stdout, `  signed by ${signerName(signer)}${when}${log} (${found})`);
  }
  for (const { found, why } of passed) writeLine(stdout, `  does not count: ${found}: ${why}`);
  if (judged.length + passed.length === 0) writeLine(stdout, '  no signature');
}

async function verify(
  url: string,
  options: VerifyOptions,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<ExitCode> {
  const reference = parseTypedReference(url);
  const { selector } = reference;
  const ref = {
    ...('tag' in selector && { tag: selector.tag }),
    ...('digest' in selector && { digest: selector.digest }),
  };
  const { policies: wanted, credentials } = await policiesGiven(options, terminal);
  const isAsked = wanted.length > 0;
  const asked = isAsked ? wanted : [told(options.trustedRoot)];
  const { policies } = await policiesInForce(asked, {
    signal,
    trust: machineTrust(process.env, systemClock),
  });
  await using registry = openRegistry(options, credentials);
  const { client } = registry;
  const { tag, digest } = await resolve({ repository: reference, ref }, { registry: client, signal });
  const requests = policies.map((each) => ({
    repository: reference,
    digest,
    policy: isAsked ? each : { ...each, needed: Number.POSITIVE_INFINITY },
    signal,
  }));
  const surveys = await Promise.all(requests.map((request) => surveySignatures(request, client)));
  const roots = [...new Set(surveys.flatMap(({ root }) => root ?? []))];
  const judged = surveys.flatMap((survey) => [...survey.judged, ...(survey.attesting ?? [])]);
  const passed = surveys.flatMap((survey) => survey.passed);
  const lacking = surveys.findIndex(({ isEnough }) => !isEnough);
  const revision = formatRevision(tag, digest);
  if (options.json === true) {
    const signatures = judged.map(({ signature }) => signature);
    writeJson(terminal.stdout, {
      revision,
      digest,
      verified: isAsked ? lacking < 0 : null,
      signatures,
      passedOver: passed,
      trustedRoots: roots,
    });
  } else write(terminal, revision, { judged, passed, roots });
  const [request, survey] = [requests[lacking], surveys[lacking]];
  if (!isAsked || request === undefined || survey === undefined) return 0;
  return reportError(notVerified(request, survey), terminal, { json: false, command: 'landfall verify' });
}

const repeatable = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description(
      'Looks for the signatures of oci://host/repository[:tag][@digest]: made by cosign; by notation with --source.',
    )
    .option(
      '--key <key>',
      'a public key that has to have signed: a file in PEM, or awskms:///… in AWS KMS; repeatable',
      repeatable,
      [],
    )
    .option('--issuer <url>', 'who vouches for the identity that has to have signed')
    .option('--subject <text>', 'that identity, as its certificate has it')
    .option('--trusted-root <file>', 'a trusted_root.json, in place of the public instance of Sigstore')
    .option('--no-transparency-log', 'a signature need not stand in a log')
    .option(
      '--source <source>',
      'the policy of this source, of the documents given with -f; their credentials count, too',
    )
    .option('-f, --file <path>', 'a document, or a folder of documents; repeatable', repeatable, [])
    .option('--timeout <duration>', 'for everything', '60s')
    .option('--json', 'print {revision, digest, verified, signatures, passedOver, trustedRoots}')
    .addHelpText('after', HELP);
  for (const addOptions of [addPolicyOption, addRegistryOptions]) addOptions(command);
  command.action((url: string, options: VerifyOptions) =>
    run(options, (signal) =>
      verify(url, options, { terminal, signal: deadline(signal, options.timeout, url) }),
    ),
  );
}
