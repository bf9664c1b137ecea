# One image, a command for each service: `node services/<ingress|worker|egress|clock|gateway>/main.ts`, and
# `node scripts/vagent.mjs <command>` for operators. It writes nothing: run it with a read-only root.
# For builds that can be repeated, pin by digest: --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY libs/matrix/vendor libs/matrix/vendor
# No package runs a script. The packages of Node itself are for machines whose own Node is too old.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="vagent" \
  org.opencontainers.image.description="AI agents in Matrix rooms that act only when a person has agreed" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
# Owned by root: the user of the services can change none of it.
COPY --from=packages /app/node_modules node_modules
COPY package.json tsconfig.json LICENSE ./
COPY libs libs
COPY scripts scripts
COPY services services
ENV NODE_ENV=production \
  NODE_OPTIONS=--disable-warning=DEP0060 \
  LOG_FORMAT=json \
  MALLOC_ARENA_MAX=2 \
  MALLOC_MMAP_THRESHOLD_=65536 \
  HEALTH_HOST=0.0.0.0 \
  GATEWAY_HOST=0.0.0.0
USER 10001:10001
STOPSIGNAL SIGTERM
# Of the port that the container's HEALTH_PORT or GATEWAY_PORT names.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "scripts/deploy/check-health.ts"]
CMD ["node", "scripts/vagent.mjs", "--help"]
