import { Duration, Fn } from 'aws-cdk-lib';
import { CfnStage, HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  OriginRequestPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { FunctionUrlAuthType, InvokeMode, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ORIGIN_HEADER, ORIGIN_VARIABLE } from '../../functions/lambda/through-origin.ts';
import { acknowledge } from '../acknowledgements.ts';
import type { EndpointKind } from './endpoint-kind.ts';

/** As many a second as ten function instances are let answer at a URL. */
const RATE = 100;

/** An API whose only route is the function: it authenticates what comes. */
function httpApi(scope: Construct, lambda: LambdaFunction): HttpApi {
  const api = new HttpApi(scope, 'Api', {
    description: 'Landfall: webhooks',
    defaultIntegration: new HttpLambdaIntegration('Receive', lambda),
  });
  const stage = api.defaultStage?.node.defaultChild;
  if (stage instanceof CfnStage) {
    stage.defaultRouteSettings = { throttlingBurstLimit: RATE, throttlingRateLimit: RATE };
  }
  acknowledge(api, 'APIG1', 'The function logs each webhook, and who sent it');
  acknowledge(api, 'APIG4', 'Senders of webhooks sign what they send; the function checks it');
  return api;
}

/** CloudFront in front of the API, which answers nobody who comes around it. */
function behindWebAcl(scope: Construct, lambda: LambdaFunction, webAcl: string): string {
  const api = httpApi(scope, lambda);
  const secret = new Secret(scope, 'OriginSecret', {
    description: 'Landfall: what CloudFront shows to the function',
    generateSecretString: { excludePunctuation: true, passwordLength: 48 },
  });
  acknowledge(secret, 'SMG4', 'It only says that a request came by CloudFront; a new one is a new secret');
  const shown = secret.secretValue.unsafeUnwrap();
  lambda.addEnvironment(ORIGIN_VARIABLE, shown);
  const domain = Fn.select(2, Fn.split('/', api.apiEndpoint));
  const distribution = new Distribution(scope, 'Distribution', {
    comment: 'Landfall: webhooks',
    webAclId: webAcl,
    defaultBehavior: {
      origin: new HttpOrigin(domain, {
        customHeaders: { [ORIGIN_HEADER]: shown },
        readTimeout: Duration.seconds(10),
      }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    },
  });
  acknowledge(distribution, 'CFR1', 'Senders of webhooks are wherever registries are');
  acknowledge(distribution, 'CFR3', 'The function logs each webhook; the web ACL what it kept out');
  acknowledge(
    distribution,
    'CFR4',
    'It has the name that CloudFront gave it; give yours a certificate of its own',
  );
  return `https://${distribution.distributionDomainName}/`;
}

/** Where webhooks come in. */
export class WebhookEndpoint extends Construct {
  /** With a slash behind it; undefined: there is none. */
  readonly url: string | undefined;

  constructor(
    scope: Construct,
    id: string,
    { lambda, kind }: { readonly lambda: LambdaFunction; readonly kind: EndpointKind },
  ) {
    super(scope, id);
    this.url = this.#made(lambda, kind);
  }

  #made(lambda: LambdaFunction, kind: EndpointKind): string | undefined {
    if (kind === 'none') return undefined;
    if (kind === 'url') {
      return lambda.addFunctionUrl({ authType: FunctionUrlAuthType.NONE, invokeMode: InvokeMode.BUFFERED })
        .url;
    }
    return kind === 'api' ? `${httpApi(this, lambda).apiEndpoint}/` : behindWebAcl(this, lambda, kind.webAcl);
  }
}
