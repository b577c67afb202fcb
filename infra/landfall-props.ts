import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { Architecture, ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { z } from 'zod';
import type { DefinedDeploy } from '../shared/deploy/kit/define-deploy.ts';
import type { documentSchema } from '../shared/source/schema/schema.ts';
import type { policiesSchema } from '../shared/source/schema/schema-policies.ts';
import type { EndpointKind } from './endpoint/endpoint-kind.ts';
import type { SharedSettings } from './function/shared-settings.ts';
import type { NetworkProps } from './network/network-props.ts';

/** The source document as users write it: what is optional there is optional here. */
type DocumentInput = z.input<typeof documentSchema>;

/** Policies of the installation, as in a document of them. */
type PoliciesInput = z.input<typeof policiesSchema>['policies'];

/** A secret, and where documents may have it sent: whatever else they say, it is not read for another place. */
export interface BoundSecret {
  /** An ARN or a name; `*` stands for any characters. */
  readonly secret: string;
  /** Hosts, with their port where they have one: `ghcr.io`. */
  readonly registries: readonly string[];
  /** Teams whose sources may use it. Default: all. */
  readonly namespaces?: readonly string[];
  /** Token services on another host that documents may name for it: `https://auth.example`. */
  readonly tokenServices?: readonly string[];
  /** Also over plain http, and where a certificate is not verified, or by an authority that a document names. Default false. */
  readonly insecure?: boolean;
}

/** A secret of `notify`, and where entries may send it: whatever else they say, it is sent nowhere else. */
export interface PlacedNotifySecret {
  /** An ARN or a name; `*` stands for any characters. */
  readonly secret: string;
  /** Hosts or origins, `api.github.com`; of a mail server `smtps://mail.example:587`. */
  readonly to: readonly string[];
}

/** What entries of `notify` may use that are applied without a deploy. */
export interface NotifyReach {
  /** Secrets Manager secrets that they may name; a text alone is an address itself, and goes nowhere else. */
  readonly secrets?: readonly (PlacedNotifySecret | string)[];
  /** SSM parameters, in the same way. */
  readonly parameters?: readonly (PlacedNotifySecret | string)[];
  /** ARNs of topics of SNS, `*` allowed. */
  readonly topics?: readonly string[];
}

/** What the functions may reach beyond what the documents name, for documents that are applied without a deploy. */
export interface Reach {
  /** ECR repositories of this account and region: names, `*` allowed, e.g. `team/*`. */
  readonly ecrRepositories?: readonly string[];
  /** Roles that are assumed for repositories of other accounts. */
  readonly roleArns?: readonly string[];
  /** Said where a role is assumed, and the only one that may be: the roles' trust policies want it (sts:ExternalId). */
  readonly externalId?: string;
  /**
   * Secrets Manager secrets that documents may name. Those of credentials say where they may be sent; a text alone is the
   * secret of a receiver, which is sent nowhere.
   */
  readonly secrets?: readonly (BoundSecret | string)[];
  /** SSM parameters, in the same way. */
  readonly parameters?: readonly (BoundSecret | string)[];
  /** For entries of `notify`; with it, `{}` too, the stack tells even where its own documents have none. */
  readonly notify?: NotifyReach;
  /** Keys of your own that those secrets, parameters and topics are encrypted with: ARNs. */
  readonly keyArns?: readonly string[];
  /** Whether public.ecr.aws is pulled from with this account's credentials (a higher rate). */
  readonly publicEcr?: boolean;
  /** Whether Entra is told who reconcile is, for registries of Azure without a secret. */
  readonly entra?: boolean;
}

/** How the function that does the work is sized. */
interface ReconcileSize {
  /** MB; 1,769 is one vCPU. Default 1769. */
  readonly memorySize?: number;
  /** Bounds one invocation and so every source's `timeout`; at most 15 minutes. Default 5 minutes. */
  readonly timeout?: Duration;
  /** Sources reconciled at the same time, 2 to 1,000. Default 10. */
  readonly concurrency?: number;
  /** MB under /tmp. Default 512. */
  readonly ephemeralStorage?: number;
}

interface OwnKind {
  readonly kind: DefinedDeploy;
  /** Absolute path of a module that exports `handler`, made by `kindHandler`. */
  readonly handler: string;
}

/** kubectl and helm for functions, e.g. `new KubectlV35Layer(stack, 'Kubectl')` of `@aws-cdk/lambda-layer-kubectl-v35`. */
export interface KubectlLayer {
  /** Has `/opt/kubectl/kubectl`, and `/opt/helm/helm` for charts. */
  readonly layer: ILayerVersion;
  /** What its program is for. Default X86_64, as in the CDK's own. */
  readonly architecture?: Architecture;
}

export interface LandfallProps
  extends Pick<DocumentInput, 'sources' | 'credentials' | 'receivers'>,
    NetworkProps,
    SharedSettings {
  /** Files and folders of documents, Landfall's own or Flux's; relative to the working directory. */
  readonly documents?: readonly string[];
  /** Kinds of deploys of your own that the documents name, and the file of a function that runs them: see docs/deploys.md#a-kind-of-your-own. */
  readonly kinds?: readonly OwnKind[];
  /** For deploys of kind `kubernetes` and `helm`: without it they are left out, with a warning. */
  readonly kubectl?: KubectlLayer;
  /** ARNs of roles, `*` allowed, that deploys of documents may name: those then need no function of their own, and come and change with `landfall apply`. */
  readonly deployRoles?: readonly string[];
  readonly reach?: Reach;
  /** What every source, or some by globs, has to meet beside its own `verify`: no document takes it away. Keys as `pem`; a function is told 3,000 characters. */
  readonly policies?: PoliciesInput;
  readonly reconcile?: ReconcileSize;
  /** MB of the function that asks registries each minute. Default 256. */
  readonly pollMemory?: number;
  /** Names this installation to the registries it asks, after `landfall/VERSION`: a team, an address to write to. */
  readonly userAgent?: string;
  /** What webhooks are sent to. Default: a function URL (an HTTP API where the region has none) if documents of the stack have receivers or `reach` has their secrets, else none. */
  readonly endpoint?: EndpointKind;
  /** Whether EventBridge's registry gets the schemas of events. Default: where the region has it. */
  readonly schemas?: boolean;
  /** Invocations of the public endpoint kept and allowed at most; 0 reserves none. Default 10. */
  readonly receiveConcurrency?: number;
  /** Receives of one trigger before it goes to the dead letters. Default 5. */
  readonly tries?: number;
  /** IAM principals, ARNs with `*` allowed, that may change the store beside the functions: people with the CLI, who `apply`. */
  readonly operators?: readonly string[];
  /** IAM principals that may put events on the bus beside reconcile, and keep ledgers: deploy functions of other stacks. */
  readonly emitters?: readonly string[];
  /** Where S3 logs requests to the store. Default: nowhere. */
  readonly accessLogs?: IBucket;
  /** How long old and deleted objects can be brought back. Default 30 days. */
  readonly keepVersions?: Duration;
  /** Of the store; a queue, a log or a bus is never kept. Default RETAIN. */
  readonly removalPolicy?: RemovalPolicy;
  /** One page of CloudWatch with all of it, for 3 USD a month. Default: none. */
  readonly dashboard?: boolean;
  /** What an alarm does, e.g. an `SnsAction`. Default: it only shows. */
  readonly alarmActions?: readonly IAlarmAction[];
}
