import { Aws, CfnCondition, CfnParameter, type CfnParameterProps, Fn, type Stack } from 'aws-cdk-lib';

const TOPIC = '^$|^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$';
const TOPICS = '^$|^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_*-]{1,256}$';
const PLACE = '^$|^(https|smtps|smtp)://[A-Za-z0-9.-]+(:[0-9]{1,5})?$';
const SECRET = '^$|^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@*?-]+$';
const PRINCIPAL = '^$|^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/*-]+$';

/** What whoever deploys the template says. All but the bucket may be left out. */
const PARAMETERS = {
  FunctionsBucket: {
    description: 'Bucket of this region that the zips beside the template were copied to',
    allowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
  },
  FunctionsPrefix: {
    default: '',
    description: 'Folder of them in the bucket, with a slash at its end; empty: none',
    allowedPattern: '^$|^[A-Za-z0-9!_.*()/-]*/$',
  },
  Documents: {
    default: '',
    description:
      'A document of sources beside the zips, such as sources.yaml; another name has it read again. Empty: landfall apply puts them there',
    allowedPattern: '^$|^[A-Za-z0-9][A-Za-z0-9._-]*[.]ya?ml$',
  },
  AlarmTopic: {
    default: '',
    description: 'ARN of a topic of SNS that alarms tell; empty: they only show',
    allowedPattern: TOPIC,
  },
  EcrRepositories: {
    default: 'landfall-none',
    description: 'Repositories of ECR in this account and region that may be read, * allowed: team/*',
    allowedPattern: '^[a-z0-9*][a-z0-9._/*-]*$',
  },
  RegistrySecret: {
    default: '',
    description:
      'ARN of the secret with the login for Registry, * allowed; empty: public registries and ECR only',
    allowedPattern: SECRET,
  },
  Registry: {
    default: 'ghcr.io',
    description: 'The one host that RegistrySecret may be sent to',
    allowedPattern: '^[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?$',
  },
  WebhookSecrets: {
    default: '',
    description: 'ARN of the secrets of webhooks, * allowed; empty: none is answered',
    allowedPattern: SECRET,
  },
  Notify: {
    default: 'no',
    description:
      'yes: whom entries of notify in the documents name is told; it costs a queue, a function and an alarm',
    allowedPattern: '^(yes|no)$',
  },
  NotifySecrets: {
    default: '',
    description: 'ARN of the secrets that entries of notify name, * allowed; empty: none',
    allowedPattern: SECRET,
  },
  NotifyPlace: {
    default: '',
    description:
      'Where alone those may be sent that are no address themselves: https://api.github.com, smtps://mail.example:587; empty: nowhere',
    allowedPattern: PLACE,
  },
  NotifyTopics: {
    default: '',
    description: 'ARN of topics of SNS that entries of notify may publish to, * allowed; empty: none',
    allowedPattern: TOPICS,
  },
  DeployRoles: {
    default: '',
    description: 'ARN of roles that deploys of documents may name, * allowed; empty: none',
    allowedPattern: PRINCIPAL,
  },
  Operators: {
    default: '',
    description: 'ARN of roles whose people change the store by the command line, * allowed; empty: none',
    allowedPattern: PRINCIPAL,
  },
} as const satisfies Readonly<Record<string, Omit<CfnParameterProps, 'type'>>>;

type ParameterName = keyof typeof PARAMETERS;

/** What a template asks whoever deploys it. */
export interface TemplateParameters {
  given(name: ParameterName): string;
  /** That it is not empty. */
  isGiven(name: ParameterName): CfnCondition;
  /** That it is `yes`. */
  isYes(name: ParameterName): CfnCondition;
  /** The value, or `otherwise` where it is empty. */
  orElse(name: ParameterName, otherwise: string): string;
}

const bare = (name: ParameterName): string => `${name}IsGiven`;

export function templateParameters(stack: Stack): TemplateParameters {
  const conditions = new Map<ParameterName, CfnCondition>();
  for (const [name, props] of Object.entries(PARAMETERS))
    new CfnParameter(stack, name, { type: 'String', ...props });
  const isGiven = (name: ParameterName): CfnCondition => {
    const known = conditions.get(name);
    if (known !== undefined) return known;
    const expression = Fn.conditionNot(Fn.conditionEquals(Fn.ref(name), ''));
    const condition = new CfnCondition(stack, bare(name), { expression });
    conditions.set(name, condition);
    return condition;
  };
  const isYes = (name: ParameterName): CfnCondition =>
    new CfnCondition(stack, `Is${name}`, { expression: Fn.conditionEquals(Fn.ref(name), 'yes') });
  return {
    isYes,
    given: (name) => Fn.ref(name),
    isGiven,
    orElse: (name, otherwise) => Fn.conditionIf(isGiven(name).logicalId, Fn.ref(name), otherwise).toString(),
  };
}

/** What takes the place of an ARN that was not given: nobody has it. */
export const NO_ROLE = 'arn:aws:iam::000000000000:role/landfall-nobody';
export const noSecret = (): string =>
  `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:landfall-none`;
export const noTopic = (): string => `arn:${Aws.PARTITION}:sns:${Aws.REGION}:${Aws.ACCOUNT_ID}:landfall-none`;
