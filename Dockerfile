# One image for each service, which also holds its commands (migrate, republish …):
#
#   docker build --build-arg SERVICE=contribution-service --tag cahier/contribution-service .
#   docker run … cahier/contribution-service               (the service)
#   docker run … cahier/contribution-service migrate.js    (before it)
#
# The two base images are chosen here and nowhere else. A release pins them by digest, and a site without the public
# registries names those of its mirror: --build-arg BUILD_IMAGE=… --build-arg RUN_IMAGE=…
ARG BUILD_IMAGE=node:24-bookworm
# Needs glibc and certificates only: Node comes along from package-lock.json, so that every site runs the same.
ARG RUN_IMAGE=gcr.io/distroless/cc-debian12

FROM ${BUILD_IMAGE} AS built
WORKDIR /source
COPY . .
RUN npm ci && npm run build

FROM built AS assembled
ARG SERVICE
RUN node tools/deployment/assemble.mjs "${SERVICE}" /assembled

FROM ${RUN_IMAGE}
ARG SERVICE
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="${SERVICE}" \
      org.opencontainers.image.description="Public consultation campaigns: one of the four services of Cahier" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=assembled /assembled /
WORKDIR /app/apps/${SERVICE}/dist
ENV NODE_ENV=production HTTP_HOST=0.0.0.0 HTTP_PORT=8080
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=6 \
  CMD ["/usr/local/bin/node", "--eval", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "--enable-source-maps"]
CMD ["main.js"]
