import { type Stack, Token } from 'aws-cdk-lib';

/** Where CloudFormation has no registry of EventBridge's schemas. */
const NO_SCHEMAS =
  /^(?:ap-(?:east-2|south-2|southeast-[4-9])|ca-west-1|il-central-1|mx-central-1|eusc-.*|us-gov-.*|us-iso.*|eu-iso.*)$/;
/** Where Lambda has no function URLs. */
const NO_URLS =
  /^(?:ap-(?:east-2|south-2|southeast-[4-9])|ca-west-1|cn-.*|eu-central-2|eu-south-2|il-central-1|me-central-1|mx-central-1|eusc-.*|us-gov-.*|us-iso.*|eu-iso.*)$/;

/** Where there are no HTTP APIs of API Gateway either. */
const NO_HTTP_APIS = /^ap-(?:east-2|southeast-6)$/;

/** Where CloudFormation takes no key for a bus, as it takes no description: EventBridge's own encrypts it there. */
const NO_BUS_KEYS = /^(?:us-gov-.*|us-iso.*|eu-iso.*)$/;

/** Where there are no pipes. */
const NO_PIPES =
  /^(?:ap-(?:east-2|southeast-[4-9])|ca-west-1|il-central-1|mx-central-1|eusc-.*|us-gov-.*|us-iso.*|eu-iso.*)$/;

/** What the region of a stack has; of one that is not known before it is deployed, all. */
export interface RegionFeatures {
  readonly schemas: boolean;
  readonly functionUrls: boolean;
  readonly httpApis: boolean;
  readonly busKeys: boolean;
  readonly pipes: boolean;
}

export function featuresOf({ region }: Stack): RegionFeatures {
  if (Token.isUnresolved(region))
    return { schemas: true, functionUrls: true, httpApis: true, busKeys: true, pipes: true };
  return {
    schemas: !NO_SCHEMAS.test(region),
    functionUrls: !NO_URLS.test(region),
    httpApis: !NO_HTTP_APIS.test(region),
    busKeys: !NO_BUS_KEYS.test(region),
    pipes: !NO_PIPES.test(region),
  };
}
