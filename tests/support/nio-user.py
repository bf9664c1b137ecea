"""A person with matrix-nio, an independent Matrix client, led by lines of JSON on stdin; tells what it sees on stdout.

Arguments: homeserver, user, password, device id, folder for its keys.
"""

import asyncio
import io
import json
import sys

from nio import (
    AsyncClient,
    AsyncClientConfig,
    MegolmEvent,
    RoomEncryptedMedia,
    RoomMessage,
    RoomSendResponse,
)
from nio.crypto import decrypt_attachment


def tell(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def main():
    homeserver, user, password, device, store = sys.argv[1:6]
    config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True, request_timeout=60)
    client = AsyncClient(homeserver, user, device_id=device, store_path=store, config=config)

    async def on_message(room, event):
        tell(
            saw="message",
            room=room.room_id,
            event=event.event_id,
            sender=event.sender,
            encrypted=event.decrypted,
            session=event.session_id,
            content=event.source.get("content", {}),
        )

    async def on_secret(room, event):
        tell(saw="undecryptable", room=room.room_id, event=event.event_id, sender=event.sender)

    client.add_event_callback(on_message, (RoomMessage, RoomEncryptedMedia))
    client.add_event_callback(on_secret, MegolmEvent)
    login = await client.login(password, device_name="nio")
    if not client.logged_in:
        raise SystemExit(f"login refused: {login}")
    await client.sync(timeout=0, full_state=True)
    if client.should_upload_keys:
        await client.keys_upload()
    syncing = asyncio.create_task(client.sync_forever(timeout=10_000))
    tell(saw="ready", user=client.user_id, device=client.device_id)

    async def do(command):
        name = command["do"]
        if name == "send":
            answer = await client.room_send(
                command["room"],
                "m.room.message",
                command["content"],
                tx_id=command.get("txn"),
                ignore_unverified_devices=True,
            )
            if not isinstance(answer, RoomSendResponse):
                raise RuntimeError(str(answer))
            return {"event": answer.event_id}
        if name == "upload":
            data = command["text"].encode()
            answer, keys = await client.upload(
                lambda *_: io.BytesIO(data), content_type="text/plain", encrypt=True, filesize=len(data)
            )
            return {"file": {"url": answer.content_uri, **keys}}
        if name == "download":
            file = command["file"]
            answer = await client.download(file["url"])
            data = decrypt_attachment(answer.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
            return {"text": data.decode()}
        if name == "join":
            await client.join(command["room"])
            return {}
        if name == "knows":
            room = client.rooms.get(command["room"])
            known = room is not None and room.encrypted and set(command["members"]) <= set(room.users)
            return {"known": known}
        if name == "rotate":
            client.invalidate_outbound_session(command["room"])
            return {}
        raise ValueError(name)

    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_event_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        command = json.loads(line)
        try:
            tell(done=command["id"], **await do(command))
        except Exception as error:  # pylint: disable=broad-except
            tell(failed=command["id"], why=f"{type(error).__name__}: {error}")
    syncing.cancel()
    await client.close()


asyncio.run(main())
