/** Secrets come in URLs and leave in none. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:@/]*):[^@]*@/i, '$1@').replace(/([?&](?:password|sslpassword)=)[^&]*/gi, '$1…');
}
