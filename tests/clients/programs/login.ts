// Logs in with a password and prints the token.
import { login } from "./api";

declare const process: { env: Record<string, string | undefined>; exitCode?: number };

const { ORIGIN: baseUrl = "", PASSWORD: password = "" } = process.env;

async function main(): Promise<void> {
  const refused = await login({ baseUrl, body: { email: "demo@example.com", password: "no" } });
  if (refused.error?.status !== 401) throw new Error(JSON.stringify(refused.data));
  const { data } = await login({
    baseUrl,
    throwOnError: true,
    body: { email: "demo@example.com", password },
  });
  console.log(data.token);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
