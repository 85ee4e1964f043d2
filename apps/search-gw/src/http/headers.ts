// The headers that keep a page from doing what it was not written to do.
import type { RequestHandler } from 'express'
import helmet from 'helmet'

export function securityHeaders(isTls: boolean): RequestHandler {
  const self = ["'self'"]
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: self,
        scriptSrc: self,
        styleSrc: self,
        // The style sheet holds its icons as data: images.
        imgSrc: ["'self'", 'data:'],
        connectSrc: self,
        baseUri: self,
        formAction: self,
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // Behind a proxy that speaks TLS the proxy decides.
    strictTransportSecurity: isTls ? { maxAge: 15_552_000, includeSubDomains: false } : false,
  })
}
