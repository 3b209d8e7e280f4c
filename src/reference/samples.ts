/** A call of a method as every official client writes it. */
import { COMMAND } from '../base/program.ts';
import { javaScript, type Language, literal, php, python, shellWord } from './literals.ts';
import type { MethodReference } from './reference.ts';

/** What the reader's own address and webhook take the place of. */
export type Blank = 'webhook' | 'secure-webhook' | 'secure-host' | 'user-and-code' | 'portal' | 'token';

/** A text with blanks in it. */
export type SampleText = ReadonlyArray<string | { blank: Blank }>;

export interface Sample {
  /** Part of an anchor. */
  id: string;
  title: string;
  text: SampleText;
}

export function samplesOf({ name, example }: MethodReference): Sample[] {
  return [
    { id: 'curl', title: 'cURL, webhook', text: curlWebhook(name, example) },
    { id: 'curl-oauth', title: 'cURL, OAuth', text: curlToken(name, example) },
    { id: 'js', title: 'JS, b24jssdk', text: jsSdk(name, example) },
    { id: 'php', title: 'PHP, b24phpsdk', text: phpSdk(name, example) },
    { id: 'bx24', title: 'BX24.js', text: bx24(name, example) },
    { id: 'crest', title: 'PHP, CRest', text: crest(name, example) },
    { id: 'python', title: 'Python, b24pysdk', text: pySdk(name, example) },
    { id: 'cli', title: 'Tidemark CLI', text: [commandLine(name, example)] },
  ];
}

type Params = Readonly<Record<string, unknown>>;

const blank = (name: Blank) => ({ blank: name });

function curlWebhook(method: string, params: Params): SampleText {
  return [`curl -X POST \\\n  -H 'Content-Type: application/json' \\\n  -d ${shellWord(JSON.stringify(params))} \\\n  '`, blank('webhook'), `${method}'\n`];
}

function curlToken(method: string, params: Params): SampleText {
  const json = JSON.stringify({ ...params, auth: '\0' });
  const [before = '', after = ''] = shellWord(json).split('\\u0000');
  return [`curl -X POST \\\n  -H 'Content-Type: application/json' \\\n  -d ${before}`, blank('token'), `${after} \\\n  '`, blank('portal'), `/rest/${method}'\n`];
}

/** The arguments of a call: the method, and the parameters where there are any. */
function call(language: Language, method: string, params: Params, indent: string): string {
  const named = language.text(method);
  if (Object.keys(params).length === 0) return `${named}, ${language.map.join('')}`;
  return `${named}, ${literal(language, params, indent)}`;
}

function jsSdk(method: string, params: Params): SampleText {
  return [
    "import { B24Hook } from '@bitrix24/b24jssdk';\n\nconst $b24 = B24Hook.fromWebhookUrl('",
    blank('secure-webhook'),
    `');\n\ntry {\n    const response = await $b24.callMethod(${call(javaScript, method, params, '    ')});\n` +
      '    console.log(response.getData().result);\n} catch (error) {\n    console.error(error);\n}\n',
  ];
}

function phpSdk(method: string, params: Params): SampleText {
  return [
    "<?php\nrequire_once 'vendor/autoload.php';\n\nuse Bitrix24\\SDK\\Services\\ServiceBuilderFactory;\n\n" +
      "$b24Service = ServiceBuilderFactory::createServiceBuilderFromWebhook('",
    blank('webhook'),
    `');\n\ntry {\n    $response = $b24Service->core->call(${call(php, method, params, '    ')});\n` +
      '    print_r($response->getResponseData()->getResult());\n} catch (Throwable $e) {\n    echo $e->getMessage();\n}\n',
  ];
}

function bx24(method: string, params: Params): SampleText {
  return [
    `BX24.callMethod(${call(javaScript, method, params, '')}, function (result) {\n` +
      '    if (result.error()) {\n        console.error(result.error());\n    } else {\n        console.log(result.data());\n    }\n});\n',
  ];
}

function crest(method: string, params: Params): SampleText {
  return [
    "<?php\n// settings.php\ndefine('C_REST_WEB_HOOK_URL', '",
    blank('webhook'),
    `');\n\n// your script\nrequire_once('crest.php');\n\n$result = CRest::call(${call(php, method, params, '')});\n\nprint_r($result);\n`,
  ];
}

function pySdk(method: string, params: Params): SampleText {
  const indented = literal(python, params, '    ');
  return [
    'from b24pysdk import BitrixWebhook\n\nwebhook = BitrixWebhook(domain="',
    blank('secure-host'),
    '", webhook_token="',
    blank('user-and-code'),
    `")\n\nresponse = webhook.call_method(\n    ${JSON.stringify(method)},\n    ${indented},\n)\n\nprint(response["result"])\n`,
  ];
}

/** The call from the command line of this project. */
export function commandLine(method: string, params: Params): string {
  const flags = Object.entries(params).map(([name, value]) => ` --${name} ${shellWord(typeof value === 'string' ? value : JSON.stringify(value))}`);
  return `${COMMAND} call ${method}${flags.join('')}\n`;
}
