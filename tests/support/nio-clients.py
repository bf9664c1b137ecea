"""People with matrix-nio, an independent Matrix client, led by lines of JSON on stdin; tells what they see on stdout.

Arguments: the homeserver, a folder for their keys.
"""

import asyncio
import io
import json
import os
import sys

from nio import AsyncClient, AsyncClientConfig, MegolmEvent, RoomEncryptedMedia, RoomMessage, RoomSendResponse
from nio.crypto import decrypt_attachment

homeserver, store = sys.argv[1:3]
clients = {}
# Everything that was said counts: not only the newest ten events of a round.
sync_filter = {"room": {"timeline": {"limit": 1000}}}


def tell(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def watch(user, client):
    async def on_message(room, event):
        tell(
            saw="message",
            by=user,
            room=room.room_id,
            event=event.event_id,
            encrypted=bool(event.decrypted),
            session=event.session_id,
            content=event.source.get("content", {}),
        )

    async def on_secret(room, event):
        tell(saw="undecryptable", by=user, room=room.room_id, event=event.event_id)

    client.add_event_callback(on_message, (RoomMessage, RoomEncryptedMedia))
    client.add_event_callback(on_secret, MegolmEvent)


async def login(user, password):
    folder = os.path.join(store, user.strip("@").replace(":", "_"))
    os.makedirs(folder)
    config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=True, request_timeout=60)
    client = AsyncClient(homeserver, user, device_id="NIO", store_path=folder, config=config)
    await client.login(password, device_name="nio")
    if not client.logged_in:
        raise RuntimeError("login refused")
    watch(user, client)
    await client.sync(timeout=0, full_state=True, sync_filter=sync_filter)
    if client.should_upload_keys:
        await client.keys_upload()
    syncing = asyncio.create_task(client.sync_forever(timeout=10_000, sync_filter=sync_filter))
    clients[user] = (client, syncing)
    return {}


async def send(client, room, kind, content, txn):
    answer = await client.room_send(room, kind, content, tx_id=txn, ignore_unverified_devices=True)
    if not isinstance(answer, RoomSendResponse):
        raise RuntimeError(str(answer))
    return {"event": answer.event_id}


async def upload(client, text):
    data = text.encode()
    answer, keys = await client.upload(
        lambda *_: io.BytesIO(data), content_type="text/plain", encrypt=True, filesize=len(data)
    )
    return {"file": {"url": answer.content_uri, **keys}}


async def download(client, file):
    answer = await client.download(file["url"])
    data = decrypt_attachment(answer.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
    return {"text": data.decode()}


async def do(command):
    name = command["do"]
    if name == "login":
        return await login(command["user"], command["password"])
    client = clients[command["user"]][0]
    if name == "send":
        return await send(client, command["room"], command["type"], command["content"], command["txn"])
    if name == "upload":
        return await upload(client, command["text"])
    if name == "download":
        return await download(client, command["file"])
    if name == "knows":
        room = client.rooms.get(command["room"])
        known = room is not None and room.encrypted and set(command["members"]) == set(room.users)
        return {"known": known}
    raise ValueError(name)


async def answer(command):
    try:
        tell(done=command["id"], **await do(command))
    except Exception as error:  # pylint: disable=broad-except
        tell(failed=command["id"], why=f"{type(error).__name__}: {error}")


async def main():
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_event_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    running = set()
    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
